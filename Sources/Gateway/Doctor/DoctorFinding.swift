/// What one check of `gatehouse doctor` found.
struct DoctorFinding: Sendable, Hashable, Encodable {
    /// How much it matters.
    enum Verdict: String, Sendable, Hashable, Encodable, CaseIterable {
        /// As it should be.
        case pass
        /// Works, and wants a look.
        case warn
        /// Not as it should be.
        case fail
        /// Nothing could be seen, which is no pass.
        case info
    }

    /// Stable, in kebab-case.
    let name: String
    let verdict: Verdict
    /// What was seen, or why nothing could be.
    let seen: String
    /// What to do about it; empty where nothing is to be done.
    let mend: String

    init(_ name: String, _ verdict: Verdict, _ seen: String, mend: String = "") {
        self.name = name
        self.verdict = verdict
        self.seen = seen
        self.mend = mend
    }
}
