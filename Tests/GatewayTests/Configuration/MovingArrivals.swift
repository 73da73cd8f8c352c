import Access
import Core
import Login

@testable import Gateway

extension KeyArrival {
    /// An application's own session, and plans.
    static let movingRows: [KeyArrival] = [
        route("app_session.cookies", "app_session: { cookies: [connect.sid, JSESSIONID] }") {
            $0.handling.applicationSession?.cookies == ["connect.sid", "JSESSIONID"]
        },
        route("app_session.logout_path", "app_session: { cookies: [s], logout_path: /logout }") {
            $0.handling.applicationSession?.logoutPath == "/logout"
        },
        top("login.after_logout", "login: { after_logout: [\"https://www.example.org/bye\"] }") {
            $0.login.afterLogout == ["https://www.example.org/bye"]
        },
        top("plans.*.sign_in", "plans: { small: { sign_in: [] } }") { $0.login.plans.plans["small"]?.methods == [] },
        top("plans.*.features", "plans: { small: { features: [own_roles] } }") {
            $0.login.plans.plans["small"]?.features == [.ownRoles]
        },
    ]
}
