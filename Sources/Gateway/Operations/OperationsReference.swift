import Access
import HTTPTypes
import Synchronization

/// The handler of the operations listener, which is bound before the server that answers exists.
final class OperationsReference: Sendable {
    private let handler = Mutex<OperationsHandler?>(nil)

    func set(_ handler: OperationsHandler) { self.handler.withLock { $0 = handler } }

    /// The server has ended; it and this object let go of each other.
    func clear() { handler.withLock { $0 = nil } }

    func answer(_ request: PortalRequest) async -> PortalResponse {
        guard let handler = handler.withLock({ $0 }) else {
            return PortalResponse(head: .init(status: .serviceUnavailable), body: Array("starting\n".utf8))
        }
        return await handler.answer(request)
    }
}
