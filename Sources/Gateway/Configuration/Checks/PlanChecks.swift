import Core
import Login

/// What plans leave out, and what tenants' files ask for all the same.
struct PlanChecks {
    let reader: ConfigurationReader

    /// The plans; nil where one was refused itself, so that nothing that follows from it is told as well.
    func book(of entries: [PlanEntry]) -> PlanBook? {
        for entry in entries where entry.settings.methods.isEmpty {
            reader.warn(entry.name, "nobody of a tenant with this plan signs in but accounts of its break_glass")
        }
        return reader.hasFault(below: "plans") ? nil : PlanBook(entries.map(\.plan))
    }

    /// Holds what a tenant's file asks for against its plan.
    func judge(_ tenant: TenantFile, _ book: PlanBook) {
        judgeSignIn(tenant)
        warnOfPasskeysAlone(tenant)
        guard book.knows(tenant.plan.value) else {
            let names = book.plans.keys.sorted()
            return reader.report(
                tenant.plan, "\(ShownText.quoted(tenant.plan.value)) is not a configured plan",
                allowed: "plans: \(ShownText.list(names))",
                remedy: Spelling.suggestion(for: tenant.plan.value, among: names))
        }
        let plan = book.plan(tenant.plan.value)
        for method in tenant.signIn?.methods ?? [] where !plan.methods.contains(method.value) {
            let methods = plan.methods.map(\.rawValue)
            reader.report(
                method, "the plan \(plan.name) does not include \(method.value.rawValue)",
                allowed: "included: \(methods.isEmpty ? "none" : ShownText.list(methods))",
                remedy: "delete it, or give the tenant another plan")
        }
        if let role = tenant.roles.first { judge(role, .ownRoles, plan) }
        if let network = tenant.allowedNetworks.first { judge(network, .allowedNetworks, plan) }
    }

    private func judge<Value>(_ place: Located<Value>, _ feature: PlanFeature, _ plan: PlanSettings) {
        guard !plan.features.contains(feature) else { return }
        let features = plan.features.map(\.rawValue)
        reader.report(
            place, "the plan \(plan.name) does not include \(feature.rawValue)",
            allowed: "included: \(features.isEmpty ? "none" : ShownText.list(features))",
            remedy: "delete it, or give the tenant another plan")
    }

    /// An invitation sets a password, and is refused where none counts.
    private func warnOfPasskeysAlone(_ tenant: TenantFile) {
        guard let methods = tenant.signIn?.methods, let passkey = methods.first(where: { $0.value == .passkey }),
            !methods.contains(where: { $0.value == .password || $0.value == .saml })
        else { return }
        reader.warn(
            passkey,
            "without password only members who have a passkey already sign in; name others in break_glass until they have "
                + "one")
    }

    private func judgeSignIn(_ tenant: TenantFile) {
        guard let signIn = tenant.signIn, signIn.methods?.isEmpty == true, signIn.breakGlass.isEmpty,
            // What was refused itself was meant to be there.
            !reader.faults.contains(where: {
                $0.position.file == signIn.place.position.file && $0.path.hasPrefix("sign_in.")
            })
        else { return }
        reader.report(
            signIn.place, "no method and no break_glass account: nobody would sign in",
            allowed: "methods: \(ShownText.list(SignInMethod.allCases.map(\.rawValue)))",
            remedy: "name a method, or a break_glass account")
    }
}
