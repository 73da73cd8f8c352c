import CFuzzer
import Glibc
import SAMLLaws
import TestSupport

var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
let laws = try ResponseLaws(
    metadata: try TestFile.bytes("Vectors/saml/metadata.xml"), key: try TestFile.bytes("Vectors/saml/ours.key.txt"))
let status = LLVMFuzzerRunDriver(&count, &arguments) { data, size in
    do {
        try laws.check(Array(UnsafeBufferPointer(start: data, count: size)))
    } catch {
        fatalError("\(error)")
    }
    return 0
}
exit(status)
