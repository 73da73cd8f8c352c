import HTTPWire
import Testing

@testable import Proxy

@Suite("By which scheme a balancer's client came")
struct ForwardedSchemeTests {
    private func said(_ lines: [String]) throws -> ForwardedScheme {
        let request = ReadRequest(lines)
        try #require(request.outcome == .complete)
        return ForwardedScheme.said(request.head, request.bytes.span.bytes)
    }

    @Test(
        "https is what every word says",
        arguments: [
            ["X-Forwarded-Proto: https"], ["x-forwarded-proto: HTTPS"], ["X-Forwarded-Proto: https, https"],
            ["Forwarded: for=192.0.2.7;proto=https"], ["Forwarded: proto=\"https\";for=a"],
            ["Forwarded: for=a; Proto=HTTPS , for=b;proto=https"],
            ["X-Forwarded-Proto: https", "Forwarded: for=a;proto=https"],
            ["Forwarded: for=a", "X-Forwarded-Proto: https"],
        ])
    func https(_ lines: [String]) throws { #expect(try said(lines) == .https) }

    @Test(
        "one word that is another is http, wherever it stands",
        arguments: [
            ["X-Forwarded-Proto: http"], ["X-Forwarded-Proto: https, http"], ["X-Forwarded-Proto: http, https"],
            ["X-Forwarded-Proto: https", "X-Forwarded-Proto: http"], ["X-Forwarded-Proto: httpss"],
            ["X-Forwarded-Proto: wss"], ["X-Forwarded-Proto: https", "Forwarded: for=a;proto=http"],
            ["Forwarded: for=a;proto=https, for=b;proto=http"], ["Forwarded: for=\"a;proto=https\";proto=http"],
            ["Forwarded: for=\"a, for=b;proto=http"], ["Forwarded: proto=\"http"], ["Forwarded: proto="],
        ])
    func http(_ lines: [String]) throws { #expect(try said(lines) == .http) }

    @Test(
        "what says nothing of it is unsaid",
        arguments: [
            [], ["X-Forwarded-Proto:"], ["Forwarded: for=a;host=b"], ["X-Forwarded-Scheme: https"], ["X-Scheme: https"],
            ["Front-End-Https: on"], ["X_Forwarded_Proto: https"], ["Forwarded: for=proto=https"],
        ])
    func unsaid(_ lines: [String]) throws { #expect(try said(lines) == .unsaid) }
}
