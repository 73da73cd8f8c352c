import EventLoop
import TestSupport
import Testing

@Suite("Slab: elements by handle")
struct SlabTests {
    @Test("a stale handle finds nothing, also where the place has a new tenant")
    func stale() {
        var slab = Slab<String>()
        let first = slab.reserve()
        #expect(slab[first] == nil)
        slab.fill(first, with: "a")
        #expect(slab[first] == "a")
        var removed = slab.remove(first)
        #expect(removed == "a")
        #expect(slab[first] == nil)
        removed = slab.remove(first)
        #expect(removed == nil)
        let second = slab.reserve()
        slab.fill(second, with: "b")
        #expect(second.index == first.index)
        #expect(second != first)
        #expect(slab[first] == nil)
        removed = slab.remove(first)
        #expect(removed == nil)
        #expect(slab[second] == "b")
    }

    @Test("a handle of another slab's making finds nothing")
    func foreign() {
        let slab = Slab<Int>()
        #expect(slab[Handle(index: 0, generation: 1)] == nil)
        #expect(slab[Handle(index: .max, generation: .max)] == nil)
    }

    @Test("10,000 random steps leave what a dictionary would hold")
    func model() {
        var random = SeededGenerator(seed: 7)
        var slab = Slab<Int>()
        var model: [Handle: Int] = [:]
        var gone: [Handle] = []
        for step in 0..<10_000 {
            if Bool.random(using: &random) || model.isEmpty {
                let handle = slab.reserve()
                slab.fill(handle, with: step)
                #expect(model[handle] == nil)
                model[handle] = step
            } else if let handle = model.keys.min(by: { ($0.index &* 31) % 97 < ($1.index &* 31) % 97 }) {
                let (removed, expected) = (slab.remove(handle), model.removeValue(forKey: handle))
                #expect(removed == expected)
                gone.append(handle)
            }
            #expect(slab.count == model.count)
        }
        for (handle, value) in model { #expect(slab[handle] == value) }
        for handle in gone { #expect(slab[handle] == nil) }
        #expect(Set(slab.handles) == Set(model.keys))
    }
}
