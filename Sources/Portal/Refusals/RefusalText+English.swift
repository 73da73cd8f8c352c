import Core

extension RefusalText {
    private static let reload =
        "Reload the page. If this happens again, try another browser or network, and give the request ID below to "
        + "whoever runs this site."
    private static let checkAddress =
        "Check the address for typing errors, or begin at the start page. If a link brought you here, tell whoever "
        + "runs the site where it stands."
    private static let smaller =
        "Send less at once. If this happens to ordinary pages, delete the cookies of this site."
    private static let later =
        "Wait a moment and reload the page. If this lasts for more than a few minutes, give the request ID below to "
        + "whoever runs this site."
    private static let askAdministrator =
        "If you need access, ask your organisation’s administrator and give them the reason and the request ID below."
    private static let signIn = "Open the page again in its own window and sign in."

    /// The English texts.
    static func english(_ reason: ReasonCode, host: String) -> RefusalText? {
        switch reason {
        case .requestLineMalformed:
            .init("This request cannot be read", "The request’s first line does not follow the HTTP standard.", reload)
        case .methodUnsupported:
            .init("This kind of request is unknown", "The request uses a method that the HTTP registry lacks.", reload)
        case .methodRefused:
            .init("This kind of request is refused", "The methods TRACE and CONNECT are not served here.", reload)
        case .versionUnsupported:
            .init("This version of HTTP is not served", "Only HTTP/1.0 and HTTP/1.1 are understood.", reload)
        case .targetMalformed:
            .init("This address cannot be read", "It contains characters that an address must not have.", checkAddress)
        case .targetScheme:
            .init("This address is not for this server", "It begins with another scheme than https.", checkAddress)
        case .targetTooLong:
            .init("This address is too long", "The address has more characters than this server reads.", checkAddress)
        case .headerMalformed:
            .init("This request cannot be read", "A header field does not follow the HTTP standard.", reload)
        case .headerTooLarge:
            .init("This request’s head is too large", "Its header fields together exceed the limit.", smaller)
        case .headersTooMany:
            .init("This request has too many header fields", "It has more of them than the limit allows.", smaller)
        case .framingAmbiguous:
            .init("This request is ambiguous", "It says in two different ways where it ends.", reload)
        case .lengthMalformed:
            .init("This request cannot be read", "The length that it states is not a number.", reload)
        case .transferCodingUnsupported:
            .init("This request cannot be read", "It is encoded in a way that is not served here.", reload)
        case .chunkMalformed:
            .init("This request cannot be read", "The pieces of its body do not follow the HTTP standard.", reload)
        case .trailerRefused:
            .init("This request is refused", "It carries fields behind its body that do not belong there.", reload)
        case .expectationUnknown:
            .init("This request expects too much", "It states an expectation that is not known here.", reload)
        case .hostMissing:
            .init("This request names no site", "It does not say which site it is for.", reload)
        case .hostRepeated:
            .init("This request names several sites", "It must say once, and once only, which one it is for.", reload)
        case .hostMalformed:
            .init("This request names no valid site", "The name of the site is not a valid host name.", checkAddress)
        case .hostMismatch:
            .init("This request contradicts itself", "It names one site in its address, another beside it.", reload)
        case .upgradeMalformed:
            .init("This connection cannot be opened", "The request for a WebSocket is not a valid one.", reload)
        case .cleartextRefused:
            .init(
                "This address is not for browsers", "It is meant for a balancer that browsers reach by https.",
                checkAddress)
        case .pathMalformed:
            .init("This address cannot be read", "A percent sign in it is not followed by two digits.", checkAddress)
        case .pathDotSegment:
            .init("This address is refused", "It contains “.” or “..” as a part of its path.", checkAddress)
        case .pathEmptySegment:
            .init("This address is refused", "It contains two slashes in a row.", checkAddress)
        case .pathEncodedSlash:
            .init("This address is refused", "It contains an encoded slash.", checkAddress)
        case .pathBackslash:
            .init("This address is refused", "It contains a backslash.", checkAddress)
        case .pathParameter:
            .init("This address is refused", "It contains a semicolon.", checkAddress)
        case .pathControl:
            .init("This address is refused", "It contains a control character.", checkAddress)
        case .pathInvalidUTF8:
            .init("This address cannot be read", "It contains bytes that are no text.", checkAddress)
        case .bodyTooLarge:
            .init("This is too large", "What you sent is larger than this site accepts.", smaller)
        case .headerTimeout:
            .init("This took too long", "The request did not arrive completely in time.", reload)
        case .bodyTooSlow:
            .init("This took too long", "What you sent arrived too slowly.", reload)
        case .overloaded:
            .init("This site is very busy", "There are more requests now than it can serve.", later)
        case .tooManyInFlight:
            .init("This page is very busy", "There are more requests for it now than it can serve.", later)
        case .rateLimited:
            .init("Too many requests", "More came from you in a short time than is allowed here.", later)
        case .hostUnknown:
            .init("This site is not served here", "There is nothing under “\(host)” on this server.", checkAddress)
        case .routeMissing:
            .init("There is no such page", "No part of this site answers at this address.", checkAddress)
        case .methodNotAllowed:
            .init("This cannot be done here", "The page exists, but does not take this kind of request.", checkAddress)
        case .pageMissing:
            .init("There is no such page", "Nothing is found at this address.", checkAddress)
        case .loginRequired:
            .init("Please sign in", "This page is for signed-in members only.", signIn)
        case .sessionUnknown:
            .init("Please sign in again", "Your session is not known here any more.", signIn)
        case .sessionExpired:
            .init("Please sign in again", "Your session has expired.", signIn)
        case .sessionWrongTenant:
            .init("Please sign in", "Your session belongs to another organisation.", signIn)
        case .cookieRepeated:
            .init(
                "Please sign in again", "Your browser sent two session cookies, and neither counts.",
                "Delete the cookies of this site, open the page again and sign in.")
        case .roleMissing:
            .init("You have no access to this page", "None of your roles allows it.", askAdministrator)
        case .mfaRequired:
            .init(
                "A second factor is needed", "This page asks for a recent proof of a second factor.",
                "Open the page again in its own window and confirm with your second factor.")
        case .networkRefused:
            .init(
                "You have no access from here", "This page is not open to the network that you are using.",
                "Use your organisation’s network or VPN. " + askAdministrator)
        case .tenantSuspended:
            .init(
                "This organisation is suspended", "Access for your organisation is switched off at present.",
                "Ask your organisation’s administrator, or the vendor of this application.")
        case .crossOrigin:
            .init(
                "This request came from another site", "For your protection, other sites cannot act in your name.",
                "Open this site itself and do there what you wanted to do.")
        case .serviceWorkerRefused:
            .init("This script is refused", "A service worker must not take over this part of the site.", reload)
        case .upgradeRefused:
            .init("This connection is refused", "The protocol that was asked for is not allowed here.", reload)
        case .loginThrottled:
            .init(
                "Too many attempts", "Too many sign-ins from your network have failed, so it has to wait for a while.",
                "A browser that you have signed in with before is not slowed down by others: if you have one, use it.")
        case .formRefused:
            .init(
                "This form is no longer valid",
                "It is too old, was sent from another site or belongs to another browser.",
                "Open the page again and fill in the form anew. Cookies must be allowed for this site.")
        case .loginBusy:
            .init("Many people are signing in just now", "Your sign-in could not be looked at in time.", later)
        case .storeUnavailable:
            .init("Signing in is not possible at the moment", "The gateway cannot reach its own data.", later)
        case .handoffRefused:
            .init(
                "Your sign-in did not arrive here",
                "This address was opened too late, a second time or in another browser, or this browser keeps no cookies "
                    + "of this site.",
                "Sign in once more. Cookies must be allowed for this site.")
        case .ssoRefused:
            .init(
                "Signing in with your company account did not work",
                "The answer of your organisation’s sign-in service was not accepted here.",
                "Start again. If it happens once more, give your organisation’s administrator the request ID below: "
                    + "it leads to the cause.")
        case .ssoUnavailable:
            .init(
                "Your company account cannot be used at the moment",
                "Signing in with it is not possible just now.", later)
        case .upstreamUnreachable:
            .init("The application is not available", "It cannot be reached at the moment.", later)
        case .upstreamClosed:
            .init("The application is not available", "It ended the connection before it had answered.", later)
        case .upstreamInvalid:
            .init("The application’s answer is unusable", "It does not follow the HTTP standard.", later)
        case .upstreamTimeout:
            .init("The application did not answer in time", "It may be busy.", later)
        case .upstreamOverloaded, .upstreamWaitTimeout:
            .init("The application is very busy", "It has more to do now than it can manage.", later)
        case .upstreamUpgradeRefused:
            .init("The connection could not be opened", "The application gave a wrong answer to the request.", later)
        case .upstreamHandshakeFailed:
            .init(
                "The application cannot be reached",
                "A secure connection to it could not be made, so nothing was sent to it.", later)
        case .draining:
            .init("This server is being restarted", "It takes no new requests just now.", later)
        case .internalFault:
            .init("Something went wrong here", "The fault is on our side.", later)
        case .handshakeTimeout, .idleTimeout, .readTooSlow, .tooManyConnections, .tooManyConnectionsFromAddress,
            .clientClosed, .proxyHeaderMalformed, .proxyHeaderUntrusted, .frameMalformed, .frameFlood:
            nil
        }
    }
}
