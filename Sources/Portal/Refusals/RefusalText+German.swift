import Core

extension RefusalText {
    private static let reloadGerman =
        "Laden Sie die Seite neu. Geschieht es wieder, versuchen Sie es mit einem anderen Browser oder Netz und "
        + "nennen Sie dem Betreiber dieser Website die unten stehende Anfrage-ID."
    private static let checkAddressGerman =
        "Prüfen Sie die Adresse auf Tippfehler oder beginnen Sie auf der Startseite. Hat ein Link Sie hierher "
        + "geführt, sagen Sie dem Betreiber der Website, wo er steht."
    private static let smallerGerman =
        "Senden Sie weniger auf einmal. Geschieht dies bei gewöhnlichen Seiten, löschen Sie die Cookies dieser Website."
    private static let laterGerman =
        "Warten Sie einen Augenblick und laden Sie die Seite neu. Hält es länger als einige Minuten an, nennen Sie "
        + "dem Betreiber dieser Website die unten stehende Anfrage-ID."
    private static let askAdministratorGerman =
        "Wenn Sie Zugang brauchen, wenden Sie sich an die Administration Ihrer Organisation und nennen Sie Grund und "
        + "Anfrage-ID von unten."
    private static let signInGerman =
        "Öffnen Sie die Seite noch einmal in einem eigenen Fenster und melden Sie sich an."

    /// The German texts.
    static func german(_ reason: ReasonCode, host: String) -> RefusalText? {
        switch reason {
        case .requestLineMalformed:
            .init("Diese Anfrage ist nicht lesbar", "Ihre erste Zeile folgt nicht dem HTTP-Standard.", reloadGerman)
        case .methodUnsupported:
            .init("Diese Art von Anfrage ist unbekannt", "Ihre Methode fehlt im HTTP-Register.", reloadGerman)
        case .methodRefused:
            .init("Diese Art von Anfrage wird abgelehnt", "TRACE und CONNECT werden hier nicht bedient.", reloadGerman)
        case .versionUnsupported:
            .init("Diese HTTP-Version wird nicht bedient", "Verstanden werden HTTP/1.0 und HTTP/1.1.", reloadGerman)
        case .targetMalformed:
            .init("Diese Adresse ist nicht lesbar", "Sie enthält Zeichen, die nicht erlaubt sind.", checkAddressGerman)
        case .targetScheme:
            .init("Diese Adresse gehört nicht hierher", "Sie beginnt nicht mit https.", checkAddressGerman)
        case .targetTooLong:
            .init("Diese Adresse ist zu lang", "Sie hat mehr Zeichen, als dieser Server liest.", checkAddressGerman)
        case .headerMalformed:
            .init("Diese Anfrage ist nicht lesbar", "Ein Kopffeld folgt nicht dem HTTP-Standard.", reloadGerman)
        case .headerTooLarge:
            .init("Der Kopf dieser Anfrage ist zu groß", "Ihre Kopffelder überschreiten die Grenze.", smallerGerman)
        case .headersTooMany:
            .init("Diese Anfrage hat zu viele Kopffelder", "Es sind mehr, als die Grenze erlaubt.", smallerGerman)
        case .framingAmbiguous:
            .init("Diese Anfrage ist mehrdeutig", "Sie sagt auf zwei verschiedene Arten, wo sie endet.", reloadGerman)
        case .lengthMalformed:
            .init("Diese Anfrage ist nicht lesbar", "Die angegebene Länge ist keine Zahl.", reloadGerman)
        case .transferCodingUnsupported:
            .init("Diese Anfrage ist nicht lesbar", "Ihre Kodierung wird hier nicht bedient.", reloadGerman)
        case .chunkMalformed:
            .init("Diese Anfrage ist nicht lesbar", "Ihre Teilstücke folgen nicht dem HTTP-Standard.", reloadGerman)
        case .trailerRefused:
            .init(
                "Diese Anfrage wird abgelehnt", "Hinter ihrem Inhalt stehen Felder, die nicht dorthin gehören.",
                reloadGerman)
        case .expectationUnknown:
            .init("Diese Anfrage erwartet zu viel", "Sie nennt eine Erwartung, die hier unbekannt ist.", reloadGerman)
        case .hostMissing:
            .init("Diese Anfrage nennt keine Website", "Sie sagt nicht, für welche Website sie ist.", reloadGerman)
        case .hostRepeated:
            .init("Diese Anfrage nennt mehrere Websites", "Sie darf nur eine nennen, und nur einmal.", reloadGerman)
        case .hostMalformed:
            .init(
                "Diese Anfrage nennt keine gültige Website", "Der Name ist kein gültiger Hostname.", checkAddressGerman)
        case .hostMismatch:
            .init("Diese Anfrage widerspricht sich", "Sie nennt zwei verschiedene Websites.", reloadGerman)
        case .upgradeMalformed:
            .init(
                "Diese Verbindung kann nicht geöffnet werden", "Die Anfrage nach einem WebSocket ist ungültig.",
                reloadGerman)
        case .cleartextRefused:
            .init(
                "Diese Adresse ist nicht für Browser",
                "Sie ist für einen Lastverteiler gedacht, den Browser über https erreichen.", checkAddressGerman)
        case .pathMalformed:
            .init(
                "Diese Adresse ist nicht lesbar", "Auf ein Prozentzeichen folgen keine zwei Ziffern.",
                checkAddressGerman)
        case .pathDotSegment:
            .init("Diese Adresse wird abgelehnt", "Ihr Pfad enthält „.“ oder „..“ als Teil.", checkAddressGerman)
        case .pathEmptySegment:
            .init("Diese Adresse wird abgelehnt", "Sie enthält zwei Schrägstriche hintereinander.", checkAddressGerman)
        case .pathEncodedSlash:
            .init("Diese Adresse wird abgelehnt", "Sie enthält einen kodierten Schrägstrich.", checkAddressGerman)
        case .pathBackslash:
            .init("Diese Adresse wird abgelehnt", "Sie enthält einen umgekehrten Schrägstrich.", checkAddressGerman)
        case .pathParameter:
            .init("Diese Adresse wird abgelehnt", "Sie enthält ein Semikolon.", checkAddressGerman)
        case .pathControl:
            .init("Diese Adresse wird abgelehnt", "Sie enthält ein Steuerzeichen.", checkAddressGerman)
        case .pathInvalidUTF8:
            .init("Diese Adresse ist nicht lesbar", "Sie enthält Bytes, die kein Text sind.", checkAddressGerman)
        case .bodyTooLarge:
            .init("Das ist zu groß", "Sie haben mehr gesendet, als diese Website annimmt.", smallerGerman)
        case .headerTimeout:
            .init(
                "Das hat zu lange gedauert", "Die Anfrage ist nicht rechtzeitig vollständig angekommen.", reloadGerman)
        case .bodyTooSlow:
            .init("Das hat zu lange gedauert", "Was Sie gesendet haben, kam zu langsam an.", reloadGerman)
        case .overloaded:
            .init("Diese Website ist stark ausgelastet", "Es gibt mehr Anfragen, als sie bedienen kann.", laterGerman)
        case .tooManyInFlight:
            .init(
                "Diese Seite ist stark ausgelastet", "Es gibt mehr Anfragen an sie, als sie bedienen kann.", laterGerman
            )
        case .rateLimited:
            .init(
                "Zu viele Anfragen", "Von Ihnen kamen in kurzer Zeit mehr, als hier erlaubt sind.", laterGerman)
        case .hostUnknown:
            .init(
                "Diese Website gibt es hier nicht", "Unter „\(host)“ bietet dieser Server nichts an.",
                checkAddressGerman)
        case .routeMissing:
            .init(
                "Diese Seite gibt es nicht", "Unter dieser Adresse antwortet kein Teil der Website.", checkAddressGerman
            )
        case .methodNotAllowed:
            .init("Das geht hier nicht", "Die Seite gibt es, aber nicht für diese Art von Anfrage.", checkAddressGerman)
        case .pageMissing:
            .init("Diese Seite gibt es nicht", "Unter dieser Adresse ist nichts zu finden.", checkAddressGerman)
        case .loginRequired:
            .init("Bitte melden Sie sich an", "Diese Seite ist nur für angemeldete Mitglieder.", signInGerman)
        case .sessionUnknown:
            .init("Bitte melden Sie sich erneut an", "Ihre Sitzung ist hier nicht mehr bekannt.", signInGerman)
        case .sessionExpired:
            .init("Bitte melden Sie sich erneut an", "Ihre Sitzung ist abgelaufen.", signInGerman)
        case .sessionWrongTenant:
            .init("Bitte melden Sie sich an", "Ihre Sitzung gehört zu einer anderen Organisation.", signInGerman)
        case .cookieRepeated:
            .init(
                "Bitte melden Sie sich erneut an", "Ihr Browser hat zwei Sitzungs-Cookies gesendet; keines davon gilt.",
                "Löschen Sie die Cookies dieser Website, öffnen Sie die Seite noch einmal und melden Sie sich an.")
        case .roleMissing:
            .init("Sie haben keinen Zugang zu dieser Seite", "Keine Ihrer Rollen erlaubt ihn.", askAdministratorGerman)
        case .mfaRequired:
            .init(
                "Ein zweiter Faktor ist nötig", "Diese Seite verlangt, dass Sie ihn vor Kurzem bestätigt haben.",
                "Öffnen Sie die Seite noch einmal in einem eigenen Fenster und bestätigen Sie den zweiten Faktor.")
        case .networkRefused:
            .init(
                "Von hier aus haben Sie keinen Zugang", "Diese Seite ist für das Netz, das Sie benutzen, nicht offen.",
                "Benutzen Sie das Netz oder VPN Ihrer Organisation. " + askAdministratorGerman)
        case .tenantSuspended:
            .init(
                "Diese Organisation ist gesperrt", "Der Zugang für Ihre Organisation ist zurzeit abgeschaltet.",
                "Fragen Sie die Administration Ihrer Organisation oder den Anbieter dieser Anwendung.")
        case .crossOrigin:
            .init(
                "Diese Anfrage kam von einer anderen Website",
                "Zu Ihrem Schutz können andere Websites nicht in Ihrem Namen handeln.",
                "Öffnen Sie diese Website selbst und tun Sie dort, was Sie tun wollten.")
        case .serviceWorkerRefused:
            .init("Dieses Skript wird abgelehnt", "Es darf diesen Teil der Website nicht übernehmen.", reloadGerman)
        case .upgradeRefused:
            .init("Diese Verbindung wird abgelehnt", "Das verlangte Protokoll ist hier nicht erlaubt.", reloadGerman)
        case .loginThrottled:
            .init(
                "Zu viele Versuche",
                "Aus Ihrem Netz sind zu viele Anmeldungen fehlgeschlagen. Weitere müssen nun eine Weile warten.",
                "Einen Browser, mit dem Sie sich schon einmal angemeldet haben, bremsen andere nicht: Haben Sie "
                    + "einen, benutzen Sie ihn.")
        case .formRefused:
            .init(
                "Dieses Formular gilt nicht mehr",
                "Es ist zu alt, kam von einer anderen Website oder gehört zu einem anderen Browser.",
                "Öffnen Sie die Seite noch einmal und füllen Sie das Formular neu aus. Cookies müssen erlaubt sein.")
        case .loginBusy:
            .init(
                "Gerade melden sich viele an", "Ihre Anmeldung konnte nicht rechtzeitig geprüft werden.", laterGerman)
        case .storeUnavailable:
            .init(
                "Die Anmeldung ist zurzeit nicht möglich", "Das Gateway erreicht seine eigenen Daten nicht.",
                laterGerman)
        case .handoffRefused:
            .init(
                "Ihre Anmeldung ist hier nicht angekommen",
                "Diese Adresse wurde zu spät, ein zweites Mal oder in einem anderen Browser geöffnet, oder dieser Browser "
                    + "behält keine Cookies dieser Website.",
                "Melden Sie sich noch einmal an. Cookies müssen für diese Website erlaubt sein.")
        case .ssoRefused:
            .init(
                "Die Anmeldung mit Ihrem Firmenkonto hat nicht geklappt",
                "Die Antwort des Anmeldedienstes Ihrer Organisation wurde hier nicht angenommen.",
                "Beginnen Sie von vorn. Geschieht es wieder, nennen Sie der Administration Ihrer Organisation die "
                    + "unten stehende Anfrage-ID: Sie führt zur Ursache.")
        case .ssoUnavailable:
            .init(
                "Ihr Firmenkonto kann zurzeit nicht benutzt werden",
                "Die Anmeldung damit ist gerade nicht möglich.", laterGerman)
        case .upstreamUnreachable:
            .init("Die Anwendung ist nicht verfügbar", "Sie ist zurzeit nicht erreichbar.", laterGerman)
        case .upstreamClosed:
            .init("Die Anwendung ist nicht verfügbar", "Sie hat die Verbindung vor der Antwort beendet.", laterGerman)
        case .upstreamInvalid:
            .init("Die Antwort der Anwendung ist unbrauchbar", "Sie folgt nicht dem HTTP-Standard.", laterGerman)
        case .upstreamTimeout:
            .init("Die Anwendung hat nicht rechtzeitig geantwortet", "Vielleicht ist sie ausgelastet.", laterGerman)
        case .upstreamOverloaded, .upstreamWaitTimeout:
            .init("Die Anwendung ist stark ausgelastet", "Sie hat zurzeit mehr zu tun, als sie schafft.", laterGerman)
        case .upstreamUpgradeRefused:
            .init("Die Verbindung kam nicht zustande", "Die Anwendung hat falsch geantwortet.", laterGerman)
        case .upstreamHandshakeFailed:
            .init(
                "Die Anwendung ist nicht erreichbar",
                "Eine sichere Verbindung zu ihr kam nicht zustande; an sie wurde nichts geschickt.", laterGerman)
        case .draining:
            .init("Dieser Server wird neu gestartet", "Er nimmt gerade keine neuen Anfragen an.", laterGerman)
        case .internalFault:
            .init("Hier ist etwas schiefgegangen", "Der Fehler liegt bei uns.", laterGerman)
        case .handshakeTimeout, .idleTimeout, .readTooSlow, .tooManyConnections, .tooManyConnectionsFromAddress,
            .clientClosed, .proxyHeaderMalformed, .proxyHeaderUntrusted, .frameMalformed, .frameFlood:
            nil
        }
    }
}
