import Core
import Testing

@testable import Login

@Suite("Answer pacing")
struct AnswerPacingTests {
    private let pacing = AnswerPacing(clock: { MonotonicInstant(milliseconds: 1300) }, sleep: { _ in })

    @Test(
        "an answer leaves on the first step that lies ahead",
        arguments: [(1000, 1250), (1249, 1250), (1250, 1500), (1300, 1500), (1750, 2000), (900, 1250)])
    func step(now: UInt64, moment: UInt64) {
        let leaves = pacing.moment(
            after: MonotonicInstant(milliseconds: 1000), at: MonotonicInstant(milliseconds: now))
        #expect(leaves.milliseconds == moment)
    }

    @Test("longer steps are multiples of the step")
    func steps() {
        let leaves = pacing.moment(
            after: MonotonicInstant(milliseconds: 1000), steps: 2, at: MonotonicInstant(milliseconds: 1300))
        #expect(leaves.milliseconds == 1500)
    }

    @Test("it waits for what is left of the step")
    func hold() async {
        let held = Shared<[Milliseconds]>([])
        let pacing = AnswerPacing(
            clock: { MonotonicInstant(milliseconds: 1300) }, sleep: { duration in held.change { $0.append(duration) } })
        #expect(pacing.begin().milliseconds == 1300)
        await pacing.hold(since: MonotonicInstant(milliseconds: 1000))
        #expect(held.value == [Milliseconds(200)])
    }
}
