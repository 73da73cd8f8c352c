import Outbound

/// What must not be served is not: a foreign host, TRACE, and a request that two readers would read differently.
enum RefusalCheck {
    static func findings(_ seen: DoctorObservations) -> [DoctorFinding] {
        [unknownHost(seen.unknownHost), trace(seen.trace, marker: seen.marker), framing(seen.framing)]
    }

    private static func unknownHost(_ outcome: DoctorObservations.Outcome) -> DoctorFinding {
        let name = "unknown-host"
        let mend =
            "let whatever stands before Gatehouse hand on the Host as it came, and give Gatehouse no host that is not yours"
        switch outcome {
        case .failure(let failure): return DoctorFinding(name, .info, "not checkable: \(failure)")
        case .success(let answer) where answer.status == 421:
            return DoctorFinding(name, .pass, "a host that nobody has is answered 421")
        case .success(let answer):
            return DoctorFinding(
                name, .fail, "a host that nobody has is answered \(answer.status) instead of 421", mend: mend)
        }
    }

    /// A TRACE that is answered tells scripts the cookies that they may not read (RFC 9110 §9.3.8).
    private static func trace(_ outcome: DoctorObservations.Outcome, marker: String) -> DoctorFinding {
        switch outcome {
        case .failure(.broken): return DoctorFinding("trace", .pass, "the connection is closed")
        case .failure(let failure): return DoctorFinding("trace", .info, "not checkable: \(failure)")
        case .success(let answer):
            let isEchoed = String(decoding: answer.body, as: UTF8.self).contains(marker)
            guard !isEchoed, answer.status >= 400 else {
                return DoctorFinding(
                    "trace", .fail, isEchoed ? "TRACE tells the request back" : "TRACE is answered \(answer.status)",
                    mend: "switch TRACE off in whatever answers before Gatehouse, which refuses it itself")
            }
            return DoctorFinding("trace", .pass, "refused with \(answer.status)")
        }
    }

    /// RFC 9112 §6.3: a balancer may mend such a request on its way, so another answer than 400 need not be an error.
    private static func framing(_ outcome: Result<ProbeAnswer?, ProbeFailure>) -> DoctorFinding {
        let name = "ambiguous-framing"
        switch outcome {
        case .failure(let failure): return DoctorFinding(name, .info, "not checkable: \(failure)")
        case .success(nil): return DoctorFinding(name, .pass, "two lengths in one request: the connection is closed")
        case .success(let answer?) where answer.status == 400:
            return DoctorFinding(name, .pass, "two lengths in one request are answered 400")
        case .success(let answer?):
            return DoctorFinding(
                name, .warn, "Content-Length beside Transfer-Encoding is answered \(answer.status), not 400",
                mend: "see that whatever stands before Gatehouse refuses such requests, or forwards one length alone")
        }
    }
}
