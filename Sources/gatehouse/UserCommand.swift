import ArgumentParser
import Core
import Gateway

/// `gatehouse user`: the members of a tenant.
struct UserCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Make, list, show and change users.",
        subcommands: [
            Create.self, Invite.self, Import.self, List.self, Show.self, SetRoles.self, SetPassword.self, ResetMFA.self,
            Disable.self, Enable.self,
        ])

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Make a user; prints the UUID.",
            discussion: """
                The password comes from standard input, never from an argument, which every process can read. Or the \
                user chooses it: --invite sends a link that works once, for 7 days.
                """)

        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var tenant: TenantOption
        @Option(help: "The e-mail address.") var email: String
        @Option(help: "The name that people read.") var name: String
        @Option(help: "A role of the catalogue or of the tenant; may be repeated.") var role: [String] = []
        @Flag(help: "Read the password from standard input.") var passwordStdin = false
        @Flag(help: "Let the user choose the password by a link.") var invite = false
        @OptionGroup var invitation: InvitationOptions
        @OptionGroup var output: JSONOption

        func validate() throws {
            guard passwordStdin != invite else {
                throw ValidationError(
                    "pass either --password-stdin, and the password on standard input, or --invite")
            }
            guard invite || (!invitation.printLink && invitation.language == nil) else {
                throw ValidationError("--print-link and --language belong to --invite")
            }
        }

        func run() throws {
            let user = OperatorClient.NewUser(tenant: tenant.tenant, email: email, name: name, roles: role)
            guard !invite else {
                return try OperatorRun.perform(configuration) { (client) throws(OperatorFault) in
                    try client.createUser(user, invitation: invitation.value, asJSON: output.json)
                }
            }
            try OperatorRun.perform(configuration) { (file, environment) throws(OperatorFault) in
                // Before the data folder is locked: whoever types takes time.
                let password = try SecretInput.password()
                let client = try OperatorClient.open(file: file, environment: environment)
                defer { client.close() }
                return try client.createUser(user, password: password, asJSON: output.json)
            }
        }
    }

    struct Invite: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "invite", abstract: "Send an invited user another link; prints the UUID.",
            discussion: "The former link ends with it.")

        @OptionGroup var user: NamedUser
        @OptionGroup var invitation: InvitationOptions
        @OptionGroup var output: JSONOption

        func run() throws {
            try OperatorRun.perform(user.configuration) { (client) throws(OperatorFault) in
                try client.inviteUser(
                    user.name, in: user.tenant.tenant, invitation: invitation.value, asJSON: output.json)
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "List a tenant's users.")

        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: JSONOption

        func run() throws {
            try OperatorRun.perform(configuration) { (client) throws(OperatorFault) in
                try client.listUsers(of: tenant.tenant, asJSON: output.json)
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "show", abstract: "Show a user.")

        @OptionGroup var user: NamedUser
        @OptionGroup var output: JSONOption

        func run() throws {
            try OperatorRun.perform(user.configuration) { (client) throws(OperatorFault) in
                try client.showUser(user.name, of: user.tenant.tenant, asJSON: output.json)
            }
        }
    }

    struct SetRoles: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set-roles", abstract: "Give a user exactly these roles.",
            discussion: "Sessions go on with the new roles within a second.")

        @OptionGroup var user: NamedUser
        @Argument(help: "Roles of the catalogue or of the tenant.") var roles: [String] = []
        @Flag(name: .customLong("none"), help: "Take every role away.") var takesAll = false
        @OptionGroup var output: JSONOption

        func validate() throws {
            guard roles.isEmpty == takesAll else {
                throw ValidationError("name the roles that the user is to have, or pass --none")
            }
        }

        func run() throws {
            try OperatorRun.perform(user.configuration) { (client) throws(OperatorFault) in
                try client.setRoles(roles, of: user.name, in: user.tenant.tenant, asJSON: output.json)
            }
        }
    }

    struct SetPassword: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set-password", abstract: "Give a user another password; every session of the user ends.")

        @OptionGroup var user: NamedUser
        @Flag(help: "Read the password from standard input.") var passwordStdin = false
        @Flag(help: "Have the user choose another one at the next login.") var mustChange = false
        @OptionGroup var output: JSONOption

        func validate() throws {
            guard passwordStdin else {
                throw ValidationError("pass --password-stdin, and the password on standard input")
            }
        }

        func run() throws {
            try OperatorRun.perform(user.configuration) { (file, environment) throws(OperatorFault) in
                let password = try SecretInput.password()
                let client = try OperatorClient.open(file: file, environment: environment)
                defer { client.close() }
                return try client.setPassword(
                    password, of: user.name, in: user.tenant.tenant, mustChange: mustChange, asJSON: output.json)
            }
        }
    }

    struct ResetMFA: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reset-mfa",
            abstract: "Take away all second factors of a user; every session of the user ends.",
            discussion: """
                For somebody who has lost them, or whose factors another person has. Authenticator apps, passkeys, \
                recovery codes and known devices go; the password stays. --print-code prints, on a line of its own, a \
                code that lets the user set up a factor on any browser for 24 hours: hand it over only to somebody \
                whom you have recognised. Without it the code comes by mail, where mail is configured.
                """)

        @OptionGroup var user: NamedUser
        @Flag(help: "Print a code for the next enrolment, on a line of its own; works without mail.")
        var printCode = false
        @OptionGroup var output: JSONOption

        func run() throws {
            try OperatorRun.perform(user.configuration) { (client) throws(OperatorFault) in
                try client.resetFactors(
                    of: user.name, in: user.tenant.tenant, printsCode: printCode, asJSON: output.json)
            }
        }
    }

    struct Disable: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "disable", abstract: "Keep a user out; every session of the user ends.")

        @OptionGroup var user: NamedUser
        @OptionGroup var output: JSONOption

        func run() throws {
            try OperatorRun.perform(user.configuration) { (client) throws(OperatorFault) in
                try client.setUser(user.name, in: user.tenant.tenant, enabled: false, asJSON: output.json)
            }
        }
    }

    struct Enable: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "enable", abstract: "Let a disabled user in again.")

        @OptionGroup var user: NamedUser
        @OptionGroup var output: JSONOption

        func run() throws {
            try OperatorRun.perform(user.configuration) { (client) throws(OperatorFault) in
                try client.setUser(user.name, in: user.tenant.tenant, enabled: true, asJSON: output.json)
            }
        }
    }
}

/// `--tenant ID EMAIL`: one user.
struct NamedUser: ParsableArguments {
    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup var tenant: TenantOption
    @Argument(help: ArgumentHelp("The user's e-mail address, or UUID.", valueName: "email")) var name: String
}

/// How an invitation reaches its user.
struct InvitationOptions: ParsableArguments {
    @Flag(help: "Print the link too, on a line of its own; works without mail.") var printLink = false
    @Option(help: "The mail's language: en or de.") var language: String?

    var value: OperatorClient.Invitation { .init(printsLink: printLink, language: language) }
}
