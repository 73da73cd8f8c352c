import EventLoop
import Proxy
import Synchronization

/// Opening listeners, and what is said where that fails.
extension GatewayServer {
    /// Runs what opens listeners, and gives its failures the words for the operator.
    /// - Throws: `StartFailure.unavailable`.
    static func listening<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let failure as DataPlane.ListenFailure {
            throw StartFailure.unavailable(words(for: failure))
        } catch let failure as DataPlane.SocketFailure {
            throw StartFailure.unavailable(
                "control_socket: cannot listen on \(failure.path): \(failure.cause.words); its folder must exist and be this user's, and no other file may stand there"
            )
        }
    }

    private static func words(for failure: DataPlane.ListenFailure) -> String {
        let mend =
            if failure.cause.isAddressInUse, let holder = failure.holder {
                "\(holder), which this process listens on until the reload is done, is in the way; choose another port, or restart"
            } else if failure.cause.isAddressInUse {
                "another process listens there: find it with `ss -ltnp 'sport = :\(failure.address.port)'`, stop it, or choose another port"
            } else if failure.cause.isPermissionDenied {
                "ports below 1024 need CAP_NET_BIND_SERVICE: `setcap cap_net_bind_service=+ep` on the binary, or AmbientCapabilities in systemd"
            } else if failure.cause.isAddressUnavailable {
                "no interface of this machine has that address: see `ip address`"
            } else {
                "check the address"
            }
        return "cannot listen on \(failure.address): \(failure.cause.words); \(mend)"
    }

    /// A socket of systemd's that no listener has any more stays open there, and nobody accepts from it.
    func warnOfSocketsLeftOpen(_ fresh: GatewaySettings) {
        let wanted = Set(fresh.places)
        for socket in plane.openSockets where socket.isShared && !wanted.contains(socket.place) {
            log.warning(
                "listener-left-open",
                "\(socket.place) is open in systemd yet: whoever connects there waits; take it out of the .socket unit and stop that, or put the listener back"
            )
        }
    }

    /// Each public listener with its port as bound.
    var listenerAddresses: [String] {
        zip(state.withLock { $0.settings.proxy.listeners }, plane.ports.gateway).map { listener, port in
            ListenAddress(address: listener.address.address, port: port).description
        }
    }
}

extension GatewaySettings {
    /// Everything that is listened on.
    var places: [ListenPlace] {
        proxy.listeners.map { .address($0.address) }
            + [.address(operations.address), .socket(path: store.controlSocket)]
    }
}
