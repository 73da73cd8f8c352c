import Core
import FoundationEssentials
import Portal
import Store

/// A command's way to the API: a running server's, over its control socket, or the same handlers in this process where
/// no server holds the data folder.
///
/// It is used by one thread, and blocks it.
public final class OperatorClient {
    /// Where the answers come from.
    enum Way {
        case server(ControlExchange)
        case ownProcess(LocalOperator)
    }

    /// Rows that a list shows at most.
    static let mostRows = 100_000

    /// Where a server listens, or would.
    private let controlSocket: String
    private let way: Way
    /// What the operator should know, though the command goes on.
    public let warnings: [String]

    init(controlSocket: String, way: Way, warnings: [String] = []) {
        self.controlSocket = controlSocket
        self.way = way
        self.warnings = warnings
    }

    /// Reads the configuration and finds the way.
    /// - Throws: `OperatorFault`.
    public static func open(file: String, environment: [String: String]) throws(OperatorFault) -> OperatorClient {
        try open(OperatorConfiguration.read(file: file, environment: environment))
    }

    /// A server is found by its socket alone: it works on what it has read itself, and goes on serving while its files
    /// are at fault.  Without one, the configuration is needed whole.
    static func open(
        _ configuration: OperatorConfiguration, exchange: ControlExchange? = nil
    ) throws(OperatorFault) -> OperatorClient {
        let exchange = exchange ?? ControlExchange(path: configuration.store.controlSocket)
        var silence = "nobody listens there"
        do {
            try exchange.probe()
            return OperatorClient(
                controlSocket: exchange.path, way: .server(exchange), warnings: configuration.warnings)
        } catch .nobodyListens {
        } catch .timedOut {
            silence = "it does not take the connection"
        } catch {
            throw OperatorFault(error, path: exchange.path)
        }
        return try openFolder(configuration.whole.get(), silence: silence)
    }

    private static func openFolder(
        _ settings: GatewaySettings, silence: String
    ) throws(OperatorFault) -> OperatorClient {
        do {
            let reading = try MasterKeyFile.read(settings.store.masterKeyFile)
            let local = try LocalOperator(settings: settings, masterKey: reading.key)
            return OperatorClient(
                controlSocket: settings.store.controlSocket, way: .ownProcess(local), warnings: reading.warnings)
        } catch StoreFault.locked(let folder, let holder) {
            throw OperatorFault(
                .unavailable,
                """
                process \(holder) works on \(folder), but the control socket \(settings.store.controlSocket) does not \
                answer (\(silence)); a gateway that has just been started or told to stop: wait and try again; one \
                with another control_socket: name its configuration with --config; else stop process \(holder)
                """)
        } catch let fault as StoreFault {
            throw OperatorFault(fault)
        } catch StoreConflict.hostTaken(let host) {
            throw OperatorFault(
                .badConfiguration, "a tenant's file names the host \(host), which another tenant of the store has")
        } catch StoreConflict.domainTaken(let domain) {
            throw OperatorFault(
                .badConfiguration, "a tenant's file names the domain \(domain), which another tenant of the store has")
        } catch let fault as OperatorFault {
            throw fault
        } catch {
            throw OperatorFault(.internalFault, "\(error)")
        }
    }

    /// Whether a server answers.
    var isServerRunning: Bool { if case .server = way { true } else { false } }

    /// Gives the data folder free where this process holds it.
    public func close() {
        if case .ownProcess(let local) = way { local.close() }
    }

    /// Asks, and reads the resource that comes back.
    func ask<Resource: Decodable>(_ request: OperatorRequest, for type: Resource.Type) throws(OperatorFault) -> Resource
    {
        let answer = try send(request)
        guard (200..<300).contains(answer.status) else {
            guard let problem = try? JSONDecoder().decode(APIProblem.self, from: Data(answer.body)) else {
                throw OperatorFault(.unavailable, "the server answered \(answer.status) and gave no reason")
            }
            throw OperatorFault(problem)
        }
        do {
            return try JSONDecoder().decode(type, from: Data(answer.body))
        } catch {
            throw OperatorFault(
                .internalFault, "the server's answer has another form: it is of another version than this command")
        }
    }

    /// Every page of a list, one after the other, up to `mostRows`.
    func all<Item: Codable & Sendable>(
        _ request: OperatorRequest, of type: Item.Type, most: Int = OperatorClient.mostRows
    ) throws(OperatorFault) -> [Item] {
        var items: [Item] = []
        var next: String?
        repeat {
            var request = request
            if let next { request.query.append(("after", next)) }
            let page = try ask(request, for: Page<Item>.self)
            items += page.items
            next = page.next
        } while next != nil && items.count < most
        return items
    }

    private func send(_ request: OperatorRequest) throws(OperatorFault) -> OperatorAnswer {
        do {
            switch way {
            case .server(let exchange): return try exchange.send(request)
            case .ownProcess(let local): return try local.send(request)
            }
        } catch let failure as ControlSocket.Failure {
            throw OperatorFault(failure, path: controlSocket)
        } catch let fault as ControlExchange.AnswerFault {
            throw OperatorFault(
                .unavailable,
                "\(controlSocket): \(fault.words); whether the command was done is not known: look, then "
                    + "try again")
        } catch let fault as OperatorFault {
            throw fault
        } catch {
            throw OperatorFault(.internalFault, "\(error)")
        }
    }
}

extension OperatorFault {
    /// Faults of the configuration's files; those that only the gateway's user may read say nothing against it.
    init(_ faults: ConfigurationFaults) {
        guard faults.faults.allSatisfy({ $0.problem.hasSuffix("permission denied") }) else {
            self.init(.badConfiguration, "\(faults)")
            return
        }
        self.init(.notPermitted, "\(faults)\nrun this as the user who runs the gateway, or as root")
    }

    init(_ failure: ControlSocket.Failure, path: String) {
        switch failure {
        case .nobodyListens:
            self.init(.unavailable, "\(path): the gateway has ended; try again")
        case .notPermitted:
            self.init(
                .notPermitted,
                "\(path) is not open to this user; run this as the user who runs the gateway, or as root")
        case .foreignPeer(let user):
            self.init(
                .notPermitted,
                "\(path): a process of user \(user) listens there, who is neither you nor root; nothing was sent. Run "
                    + "this as the user who runs the gateway, and look whose process that is")
        case .pathTooLong:
            self.init(.badConfiguration, "control_socket \(path) is longer than a socket's path may be (107 bytes)")
        case .timedOut: self.init(.unavailable, "\(path): the gateway does not answer in time; look at its log")
        case .broken(let words): self.init(.unavailable, "\(path): \(words)")
        }
    }
}
