import Core
import Login

extension MetricsPage {
    /// What second factors were worth, kind by kind, and how members came by them.
    mutating func factors(_ figures: SecondFactors.Metrics) {
        family(
            "gatehouse_second_factor_proofs_total", "counter",
            "Second factors that were given, at sign-in and within sessions, by kind and by what came of them.")
        for (outcome, counts) in [
            ("proved", figures.proved), ("wrong", figures.wrong), ("throttled", figures.throttled),
        ] {
            for kind in [Factor.totp, .passkey, .recoveryCode] {
                lines.append(
                    "gatehouse_second_factor_proofs_total{factor=\"\(kind.rawValue)\",outcome=\"\(outcome)\"} "
                        + "\(counts[kind] ?? 0)")
            }
        }
        family("gatehouse_second_factors_added_total", "counter", "Second factors that members have set up, by kind.")
        for kind in [Factor.totp, .passkey] {
            lines.append(
                "gatehouse_second_factors_added_total{factor=\"\(kind.rawValue)\"} \(figures.added[kind] ?? 0)")
        }
        family(
            "gatehouse_second_factors_removed_total", "counter",
            "Second factors that members have taken away, by kind; resets apart.")
        for kind in [Factor.totp, .passkey] {
            lines.append(
                "gatehouse_second_factors_removed_total{factor=\"\(kind.rawValue)\"} \(figures.removed[kind] ?? 0)")
        }
        family(
            "gatehouse_enrolment_codes_total", "counter",
            "Codes that let members set up their first second factor: mailed ones, and wrong ones that were given.")
        lines.append("gatehouse_enrolment_codes_total{outcome=\"mailed\"} \(figures.codesMailed)")
        lines.append("gatehouse_enrolment_codes_total{outcome=\"wrong\"} \(figures.codesWrong)")
        single(
            "gatehouse_second_factor_resets_total", "counter", "Members whose second factors were reset.",
            figures.resets)
    }
}
