import Core
import TestSupport
import Testing

@testable import Login

@Suite("Bucket slab")
struct BucketSlabTests {
    @Test("it agrees with a plain list about what is full first and what was used least recently")
    func model() throws {
        var random = SeededGenerator(seed: 3)
        var (slab, model) = (BucketSlab(), [ThrottleBucket]())
        let rate = ThrottleRate(.account, .init())
        for _ in 0..<5000 {
            let key = ThrottleKey(kind: .account, subject: "\(Int.random(in: 0..<60, using: &random))")
            let position = model.firstIndex { $0.key == key }
            switch Int.random(in: 0..<5, using: &random) {
            case 0:
                slab.remove(key)
                if let position { model.remove(at: position) }
            case 1:
                slab.touch(key)
                if let position { model.append(model.remove(at: position)) }
            default:
                let now = WallTime(milliseconds: .random(in: 0..<1_000_000, using: &random))
                let bucket = ThrottleBucket(
                    key, debt: .random(in: 1...10_000, using: &random), at: now, origin: nil, rate: rate)
                slab.put(bucket)
                if let position { model.remove(at: position) }
                model.append(bucket)
            }
            #expect(slab.count == model.count)
            #expect(slab.leastRecentlyUsed?.key == model.first?.key)
            #expect(slab.fullFirst?.fullAt == model.map(\.fullAt).min())
            #expect(slab[key]?.fullAt == model.first { $0.key == key }?.fullAt)
        }
        slab.changeAll { $0.rebase(to: WallTime(milliseconds: 0), rate) }
        for index in model.indices { model[index].rebase(to: WallTime(milliseconds: 0), rate) }
        while let first = slab.fullFirst {
            #expect(first.fullAt == model.map(\.fullAt).min())
            slab.remove(first.key)
            model.removeAll { $0.key == first.key }
        }
        #expect(model.isEmpty)
    }
}
