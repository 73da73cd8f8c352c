/// The configuration, as far as commands need it.
struct OperatorConfiguration: Sendable {
    /// Where state lies, and where a server listens.
    let store: StoreSettings
    /// The whole of it, without which nobody works on the folder but a server that has read it when it was good.
    let whole: Result<GatewaySettings, OperatorFault>
    /// What the operator should know where a server does the work all the same.
    let warnings: [String]

    /// A good one.
    init(_ settings: GatewaySettings) {
        self.init(store: settings.store, whole: .success(settings), warnings: [])
    }

    private init(store: StoreSettings, whole: Result<GatewaySettings, OperatorFault>, warnings: [String]) {
        self.store = store
        self.whole = whole
        self.warnings = warnings
    }

    /// What a run of the loader found.
    /// - Throws: every fault, where the places of `StoreSettings` are not known for sure.
    init(_ outcome: ConfigurationLoader.Outcome, file: String) throws(OperatorFault) {
        switch outcome.settings {
        case .success(let settings): self.init(settings)
        case .failure(let faults):
            let fault = OperatorFault(faults)
            guard let store = outcome.store else { throw fault }
            let count = ShownText.count(faults.faults.count, "fault")
            let warning =
                "\(ShownText.escaped(file)) has \(count): the running server goes on with what it read before; "
                + "`gatehouse check` tells more"
            self.init(store: store, whole: .failure(fault), warnings: [warning])
        }
    }

    /// Reads it; the master key is looked at by those who need it.
    /// - Throws: every fault, where not even the places of `StoreSettings` are known for sure.
    static func read(file: String, environment: [String: String]) throws(OperatorFault) -> OperatorConfiguration {
        try OperatorConfiguration(
            ConfigurationLoader(environment: environment, certificateCheck: nil).load(file), file: file)
    }
}
