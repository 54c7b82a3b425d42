using System.Reflection;
using System.Runtime.InteropServices;

namespace MediaNode.Core.OpenSsl;

/// <summary>Finds OpenSSL 3. The names in <see cref="LibSsl"/> and <see cref="LibCrypto"/> are logical; this maps them to the file of the platform.</summary>
internal static class OpenSslLibrary
{
    internal const string Ssl = "openssl3-ssl";
    internal const string Crypto = "openssl3-crypto";

    static OpenSslLibrary() => NativeLibrary.SetDllImportResolver(typeof(OpenSslLibrary).Assembly, Resolve);

    /// <summary>Called by the static constructors of the import classes, so that the resolver is there before their first call.</summary>
    internal static void UseResolver()
    {
        // The static constructor does it, once per process.
    }

    private static nint Resolve(string libraryName, Assembly assembly, DllImportSearchPath? searchPath)
    {
        if (libraryName is not (Ssl or Crypto))
            return 0; // the runtime's own search

        foreach (var candidate in Candidates(libraryName))
        {
            if (NativeLibrary.TryLoad(candidate, assembly, searchPath, out var handle))
                return handle;
        }

        throw new DllNotFoundException(
            $"OpenSSL 3 ({string.Join(" or ", Candidates(libraryName))}) was not found; DTLS and SRTP need it. " +
            "Install it: 'apt-get install libssl3' (Debian, Ubuntu), 'apk add libssl3' (Alpine), 'dnf install openssl-libs' (Fedora), 'brew install openssl@3' (macOS).");
    }

    private static string[] Candidates(string libraryName)
    {
        var name = libraryName == Ssl ? "libssl" : "libcrypto";
        return OperatingSystem.IsMacOS()
            ? [$"{name}.3.dylib", $"/opt/homebrew/opt/openssl@3/lib/{name}.3.dylib", $"/usr/local/opt/openssl@3/lib/{name}.3.dylib"]
            : [$"{name}.so.3"];
    }
}
