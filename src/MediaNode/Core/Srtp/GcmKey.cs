using MediaNode.Core.IpsecMb;
using MediaNode.Core.OpenSsl;

namespace MediaNode.Core.Srtp;

/// <summary>
/// AES-GCM under one key, for whole packets. The cryptography is a library's: Intel's ipsec-mb where the system has it and the processor is one of those
/// that it is written for, else OpenSSL. A key belongs to one thread.
/// </summary>
internal abstract unsafe class GcmKey : IDisposable
{
    internal const int IvBytes = 12;
    internal const int TagBytes = 16;

    /// <summary>Set to true before the first key is made: OpenSSL is used even where ipsec-mb could be.</summary>
    internal const string OpenSslOnlySwitch = "MediaNode.Core.OpenSslOnly";

    /// <summary>What encrypts here, for people.</summary>
    internal static string Engine => UsesIpsecMb ? $"ipsec-mb {IpsecMbLibrary.Version}" : "OpenSSL";

    private static bool UsesIpsecMb => !(AppContext.TryGetSwitch(OpenSslOnlySwitch, out var isOn) && isOn) && IpsecMbLibrary.IsUsable;

    /// <param name="key">16 or 32 bytes.</param>
    /// <param name="encrypt">The key is for <see cref="Seal"/>; otherwise for <see cref="TryOpen"/>.</param>
    internal static GcmKey Create(ReadOnlySpan<byte> key, bool encrypt) => UsesIpsecMb ? new IpsecMbGcmKey(key) : new OpenSslGcmKey(key, encrypt);

    /// <summary>Encrypts <paramref name="length"/> bytes to <paramref name="output"/>, which may be the input's place, and appends the tag.</summary>
    internal abstract void Seal(byte* iv, byte* additional, int additionalLength, byte* input, int length, byte* output);

    /// <summary>Decrypts in place. When the tag is wrong the buffer holds rubbish that must not be used.</summary>
    internal abstract bool TryOpen(byte* iv, byte* additional, int additionalLength, byte* data, int length, byte* tag);

    public abstract void Dispose();
}
