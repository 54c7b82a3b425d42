using System.Runtime.InteropServices;
using System.Security.Cryptography;
using MediaNode.Core.OpenSsl;
using MediaNode.Core.Srtp;

namespace MediaNode.Core.IpsecMb;

/// <summary>
/// Intel's Multi-Buffer Crypto for IPsec (libipsec-mb), if the system has it: one call per packet instead of five, and vector AES where the processor has it,
/// which is 4 to 7 times as fast as OpenSSL 3.0 on the packets of a call. Optional: without it everything works, by OpenSSL.
/// </summary>
internal static unsafe class IpsecMbLibrary
{
    private const string FileName = "libIPSec_MB.so.1";

    /// <summary>Offsets into IMB_MGR, in bytes. The library keeps them within one soname ("always include function pointers at the end of the list").</summary>
    private const int UsedArchitecture = 56;
    private const int Gcm128Encrypt = 256;
    private const int Gcm256Encrypt = 272;
    private const int Gcm128Decrypt = 280;
    private const int Gcm256Decrypt = 296;
    private const int Gcm128Prepare = 448;
    private const int Gcm256Prepare = 464;

    /// <summary>IMB_ARCH_SSE: from here on AES instructions are used. What comes before is table-driven code, whose time depends on the data.</summary>
    private const uint LeastArchitecture = 2;

    /// <summary>Version 1.3 as 0xMMmmpp: the first whose layout was looked at.</summary>
    private const uint LeastVersion = 0x010300;
    private const uint FirstUnknownVersion = 0x020000;

    private static readonly uint VersionNumber;
    private static readonly byte* Manager = Load(out VersionNumber);

    /// <summary>The library is here, fits the processor, and agrees with OpenSSL on a trial packet.</summary>
    internal static bool IsUsable { get; } = Manager != null && AgreesWithOpenSsl(16) && AgreesWithOpenSsl(32);

    internal static string Version => $"{VersionNumber >> 16}.{(VersionNumber >> 8) & 0xFF}.{VersionNumber & 0xFF}";

    internal static IpsecMbFunctions Functions(int keyLength) => keyLength == 32
        ? new(Pointer(Gcm256Prepare), Pointer(Gcm256Encrypt), Pointer(Gcm256Decrypt))
        : new(Pointer(Gcm128Prepare), Pointer(Gcm128Encrypt), Pointer(Gcm128Decrypt));

    private static void* Pointer(int offset) => *(void**)(Manager + offset);

    private static byte* Load(out uint version)
    {
        version = 0;
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64 || !NativeLibrary.TryLoad(FileName, out var library))
            return null;
        if (!NativeLibrary.TryGetExport(library, "imb_get_version", out var getVersion)
            || !NativeLibrary.TryGetExport(library, "alloc_mb_mgr", out var allocate)
            || !NativeLibrary.TryGetExport(library, "init_mb_mgr_auto", out var initialize))
            return null;
        version = ((delegate* unmanaged<uint>)getVersion)();
        if (version is < LeastVersion or >= FirstUnknownVersion)
            return null;
        // Lives as long as the process: the keys use its functions, not its state.
        var manager = ((delegate* unmanaged<ulong, byte*>)allocate)(0);
        if (manager == null)
            return null;
        uint architecture;
        ((delegate* unmanaged<byte*, uint*, void>)initialize)(manager, &architecture);
        return *(uint*)(manager + UsedArchitecture) >= LeastArchitecture ? manager : null;
    }

    private static bool AgreesWithOpenSsl(int keyLength)
    {
        const int Length = 1201;
        const int Header = 20;
        var bytes = RandomNumberGenerator.GetBytes(keyLength + GcmKey.IvBytes + Header + Length);
        Span<byte> mine = stackalloc byte[Length + GcmKey.TagBytes];
        Span<byte> theirs = stackalloc byte[Length + GcmKey.TagBytes];
        using var key = new IpsecMbGcmKey(bytes.AsSpan(0, keyLength));
        using var reference = new OpenSslGcmKey(bytes.AsSpan(0, keyLength), encrypt: true);
        fixed (byte* start = bytes, output = mine, expected = theirs)
        {
            var iv = start + keyLength;
            var header = iv + GcmKey.IvBytes;
            var plain = header + Header;
            key.Seal(iv, header, Header, plain, Length, output);
            reference.Seal(iv, header, Header, plain, Length, expected);
            return mine.SequenceEqual(theirs)
                && key.TryOpen(iv, header, Header, output, Length, output + Length)
                && mine[..Length].SequenceEqual(new(plain, Length));
        }
    }
}

/// <summary>GCM functions for one key length. Called without a transition: they neither block nor call back, and take 60 to 200 ns.</summary>
internal readonly unsafe struct IpsecMbFunctions(void* prepare, void* encrypt, void* decrypt)
{
    /// <summary>Key, expanded key.</summary>
    internal readonly delegate* unmanaged[SuppressGCTransition]<byte*, byte*, void> Prepare =
        (delegate* unmanaged[SuppressGCTransition]<byte*, byte*, void>)prepare;

    /// <summary>Expanded key, working space, output, input, length, IV, additional data, its length, tag, its length.</summary>
    internal readonly delegate* unmanaged[SuppressGCTransition]<byte*, byte*, byte*, byte*, ulong, byte*, byte*, ulong, byte*, ulong, void> Encrypt =
        (delegate* unmanaged[SuppressGCTransition]<byte*, byte*, byte*, byte*, ulong, byte*, byte*, ulong, byte*, ulong, void>)encrypt;

    /// <summary>As <see cref="Encrypt"/>; the tag is what it should be, for the caller to compare.</summary>
    internal readonly delegate* unmanaged[SuppressGCTransition]<byte*, byte*, byte*, byte*, ulong, byte*, byte*, ulong, byte*, ulong, void> Decrypt =
        (delegate* unmanaged[SuppressGCTransition]<byte*, byte*, byte*, byte*, ulong, byte*, byte*, ulong, byte*, ulong, void>)decrypt;
}
