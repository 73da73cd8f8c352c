import Access
import Core
import HTTPTypes
import Login
import Store

/// Renders the pages of second factors: values into templates, nothing decided.
struct FactorAccountPages: Sendable {
    typealias Fault = AccountPages.Fault

    let account: AccountPages
    private var templates: PageTemplates { account.pages.templates }

    init(_ account: AccountPages) { self.account = account }

    /// All of a member's factors.
    func list(_ visit: AccountVisit, _ list: MemberFactorList) -> PortalResponse {
        let text = FactorAccountText.text(in: visit.language)
        let factors = list.passkeys + list.apps
        let additions = FactorAdditions(list)
        var values: [String: Any] = [
            "introduction": text.introduction, "hasFactors": !factors.isEmpty,
            "factors": factors.map { row($0, visit, text) },
            "additions": additions.pages.enumerated().map { index, page -> [String: Any] in
                [
                    "address": visit.address(of: page), "isQuiet": index > 0,
                    "label": page == .factorPasskey ? text.addPasskey : text.addApp,
                ]
            },
        ]
        if factors.isEmpty { values["none"] = text.none }
        if additions.isFull { values["full"] = text.full }
        if list.hasSecondFactor {
            var recovery: [String: Any] = [
                "title": text.recoveryCodes, "left": text.recoveryCodesLeft(list.recoveryCodesLeft),
                "address": visit.address(of: .recoveryCodes), "label": text.newRecoveryCodes,
            ]
            if list.recoveryCodesLeft <= RecoveryCode.fewLeft { recovery["few"] = text.recoveryCodesFew }
            values["recovery"] = recovery
            if let returnTo = visit.returnTo {
                values["proceed"] = ["address": returnTo.target, "label": text.proceed]
            }
        } else if visit.returnTo != nil {
            values["demand"] = text.asked
        } else if list.isRequired {
            values["demand"] = list.dueAt.map { text.requiredFrom(visit.time.moment($0)) } ?? text.required
        }
        return account.page(visit, templates.accountFactors, values)
    }

    private func row(_ factor: MemberFactor, _ visit: AccountVisit, _ text: FactorAccountText) -> [String: Any] {
        let time = visit.time
        var facts = [
            (text.added, time.moment(factor.createdAt)),
            (text.lastUsed, factor.usedAt.map { time.ago($0, now: visit.now) } ?? text.never),
        ]
        if let isBackedUp = factor.isBackedUp { facts.append((text.kept, isBackedUp ? text.synced : text.onOneDevice)) }
        return [
            "name": factor.name, "kind": text.kind(factor.kind),
            "facts": facts.map { ["label": $0.0, "value": $0.1] },
            "renameAddress": visit.address(of: .factorName, ["factor=\(factor.id)"]), "rename": text.rename,
            "renameNamed": text.renameNamed(factor.name),
            "removeAddress": visit.address(of: .factorRemoval, ["factor=\(factor.id)"]), "remove": text.remove,
            "removeNamed": text.removeNamed(factor.name),
        ]
    }

    /// Another name for a factor.
    func rename(
        _ visit: AccountVisit, csrf: String, name: String, fault: Fault? = nil
    ) -> PortalResponse {
        let text = FactorAccountText.text(in: visit.language)
        let values: [String: Any] = [
            "action": AccountPage.factorName.address, "hidden": AccountPages.hidden(visit, [("csrf", csrf)]),
            "nameLabel": text.nameLabel, "typed": Self.shown(name), "nameHint": text.nameHint,
            "proceed": visit.text.save, "back": visit.listAddress(), "cancel": visit.text.cancel,
        ]
        return account.page(visit, templates.accountFactorName, values, fault: fault)
    }

    /// Asks whether a factor is to go.
    /// - Parameters:
    ///   - isLast: it is the member's last one.
    ///   - isRefused: the last one was to go, and must not.
    func removal(
        _ visit: AccountVisit, _ factor: MemberFactor, csrf: String, isLast: Bool, mayRemoveLast: Bool,
        isRefused: Bool = false
    ) -> PortalResponse {
        let text = FactorAccountText.text(in: visit.language)
        let stays = isLast && !mayRemoveLast
        var paragraphs = [text.removal(factor.name)]
        if isLast { paragraphs.append(text.removalLast) }
        paragraphs.append(text.removalEnds)
        let values: [String: Any] = [
            "paragraphs": !stays ? paragraphs : isRefused ? [] : [text.removalRequired], "removes": !stays,
            "action": AccountPage.factorRemoval.address, "hidden": AccountPages.hidden(visit, [("csrf", csrf)]),
            "proceed": text.remove, "back": visit.listAddress(), "cancel": visit.text.cancel,
        ]
        return account.page(
            visit, templates.accountFactorRemoval, values,
            fault: isRefused ? Fault(field: "back", words: text.removalRequired) : nil)
    }

    /// Before new recovery codes are made.
    func recoveryCodes(_ visit: AccountVisit, left: Int, csrf: String, ceremony: String) -> PortalResponse {
        let text = FactorAccountText.text(in: visit.language)
        let values: [String: Any] = [
            "left": text.recoveryCodesLeft(left), "introduction": text.renewal,
            "action": AccountPage.recoveryCodes.address,
            "hidden": AccountPages.hidden(visit, [("csrf", csrf), ("ceremony", ceremony)]),
            "proceed": text.renew, "back": visit.listAddress(), "cancel": visit.text.cancel,
        ]
        return account.page(visit, templates.accountRecoveryCodes, values)
    }

    /// Fresh recovery codes, shown once.  No navigation stands above: nobody leaves by accident.
    /// - Parameter values: of `RecoveryCodeSheet`.
    func freshCodes(_ visit: AccountVisit, _ values: [String: Any], notice: String?) -> PortalResponse {
        var values = values
        if let notice { values["notice"] = notice }
        var frame = visit.frame
        // In another language the codes would be gone.
        frame.otherLanguageAddress = visit.listAddress(in: visit.language.other)
        let html = account.pages.templates.render(
            templates.recoveryCodes,
            frame.values(heading: RecoveryCodeText.text(in: visit.language).heading, values))
        return account.pages.response(status: .ok, html: html, language: visit.language, brand: frame.brand)
    }

    /// What was typed as a name, where it is short enough to be one.
    static func shown(_ name: String) -> String { name.utf8.count <= 1024 ? name : "" }
}

/// Which kinds of factors a member may add now.
struct FactorAdditions {
    /// The pages that add one, the better first.
    let pages: [AccountPage]
    /// Whether one is missing because the member has as many as may be.
    let isFull: Bool

    init(_ list: MemberFactorList) {
        let passkeys = list.passkeys.count < FactorRepository.longestPasskeys
        let apps = list.apps.count < FactorRepository.longestApps
        pages = (list.offersPasskeys && passkeys ? [.factorPasskey] : []) + (apps ? [.factorApp] : [])
        isFull = !apps || list.offersPasskeys && !passkeys
    }
}

extension AccountVisit {
    /// The list of factors with the way back that is kept.
    func listAddress(_ done: AccountChange? = nil, in language: PageLanguage? = nil) -> String {
        var query: [String] = []
        if let returnTo { query.append("return_to=\(PortalAddress.encoded(returnTo.target))") }
        if let done { query.append("done=\(done.rawValue)") }
        if let language { query.append("lang=\(language.rawValue)") }
        return query.isEmpty
            ? AccountPage.factors.address : "\(AccountPage.factors.address)?\(query.joined(separator: "&"))"
    }
}
