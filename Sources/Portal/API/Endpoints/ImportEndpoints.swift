import Core
import HTTPTypes
import Store

/// `tenants/{tenant}/user-import`: users who move in from another system, some hundred lines at a time.
///
/// Each line is taken or refused for itself; those that are taken become durable together, each with its entry in the
/// audit log.  Whoever is there already is left as it is, so that a file can be sent again.
extension OperatorAPI {
    var importEndpoints: [APIEndpoint] {
        [APIEndpoint(.post, "/tenants/{tenant}/user-import", importUsers)]
    }

    @Sendable private func importUsers(_ call: APICall) async throws -> APIAnswer {
        let isTrial = try call.query("dry_run").flag("dry_run")
        let tenant = try await store(of: call.tenant)
        var fields = try call.fields("lines")
        guard let lines = try fields.texts("lines", most: UserRepository.longestArrival) else {
            throw APIFields.missing("lines")
        }
        let choice = try await roleChoice(of: tenant.tenant)
        let read = lines.map { line -> Result<ImportLine, APIRefusal> in
            do throws(APIRefusal) {
                return .success(try ImportLine(line, roles: choice))
            } catch {
                return .failure(error)
            }
        }
        let arriving = read.compactMap { try? $0.get().arriving }
        let arrivals = try await tenant.users.admit(
            arriving, isTrial: isTrial, audit: Self.entry, at: seams.now())
        var next = arrivals.makeIterator()
        return APIAnswer(
            ImportResource(
                lines: read.compactMap { line -> ImportResource.Line? in
                    switch line {
                    case .failure(let refusal): return ImportResource.Line(refusal)
                    case .success: return next.next().map { ImportResource.Line($0) }
                    }
                }))
    }

    @Sendable private static func entry(_ user: User) -> AuditEntry {
        AuditEntry(
            action: "user.imported", actor: .operator, subject: user.id,
            publicDetails: [
                .init("roles", user.roles.map(\.text).joined(separator: ",")),
                .init("password", user.hasPassword ? "brought" : "none"),
            ])
    }
}
