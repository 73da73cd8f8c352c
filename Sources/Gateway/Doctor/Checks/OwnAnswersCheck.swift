import Outbound

/// No answer of Gatehouse's own may stay in a cache: the next visitor would get it.
enum OwnAnswersCheck {
    static func findings(_ seen: DoctorObservations) -> [DoctorFinding] {
        let name = "no-store"
        let answers: [(what: String, outcome: DoctorObservations.Outcome)] = [
            ("the login page", seen.login), ("a page that is missing", seen.missing),
            ("an unknown host", seen.unknownHost), ("TRACE", seen.trace),
        ]
        var looked: [String] = []
        var storable: [String] = []
        for (what, outcome) in answers {
            guard case .success(let answer) = outcome else { continue }
            looked.append(what)
            if !answer.values("cache-control").contains(where: hasNoStore) { storable.append(what) }
        }
        guard !looked.isEmpty else { return [DoctorFinding(name, .info, "not checkable: nothing answered")] }
        guard storable.isEmpty else {
            return [
                DoctorFinding(
                    name, .fail, "without Cache-Control: no-store: \(storable.joined(separator: ", "))",
                    mend: "let whatever stands before Gatehouse hand on Cache-Control as it is")
            ]
        }
        return [DoctorFinding(name, .pass, "on \(looked.joined(separator: ", "))")]
    }

    private static func hasNoStore(_ value: String) -> Bool {
        value.lowercased().split(separator: ",").contains { $0.filter { $0 != " " && $0 != "\t" } == "no-store" }
    }
}
