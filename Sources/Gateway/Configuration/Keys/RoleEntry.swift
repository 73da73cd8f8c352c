import Access
import Core

/// One entry of `roles` as written.
struct RoleEntry: Sendable {
    let name: Located<RoleName>
    let isDefault: Bool
    let assignableBy: RoleSettings.Assigner

    static let nameKey = RequiredKey(
        "name", ValueType<RoleName>.roleName.located, "The role's name, as routes and headers spell it.")
    static let defaultKey = DefaultedKey(
        "default", ValueType<Bool>.boolean, default: "false", "Whether every member has it.")
    static let assignableByKey = DefaultedKey(
        "assignable_by", ValueType<RoleSettings.Assigner>.choice("who gives a role"), default: "tenant",
        "Who gives it: the tenant's administrators, or the operator alone.")

    static let type = ValueType<RoleEntry>.mapping([nameKey, defaultKey, assignableByKey]) { section, _ in
        let (name, isDefault, assignableBy) = (section[nameKey], section[defaultKey], section[assignableByKey])
        return name.map { RoleEntry(name: $0, isDefault: isDefault, assignableBy: assignableBy) }
    }
}
