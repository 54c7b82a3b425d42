using System.Security.Cryptography;
using MediaNode.Core.Srtp;

namespace MediaNode.Core.IpsecMb;

/// <summary>AES-GCM by ipsec-mb: an expanded key, and one call per packet.</summary>
internal sealed unsafe class IpsecMbGcmKey : GcmKey
{
    private readonly IpsecMbKeyHandle _memory = new();
    private readonly IpsecMbFunctions _functions;
    private readonly byte* _key;
    private readonly byte* _work;

    internal IpsecMbGcmKey(ReadOnlySpan<byte> key)
    {
        _functions = IpsecMbLibrary.Functions(key.Length);
        _key = _memory.Key;
        _work = _memory.Work;
        fixed (byte* keyPointer = key)
            _functions.Prepare(keyPointer, _key);
    }

    internal override void Seal(byte* iv, byte* additional, int additionalLength, byte* input, int length, byte* output)
    {
        ObjectDisposedException.ThrowIf(_memory.IsClosed, this);
        _functions.Encrypt(_key, _work, output, input, (ulong)length, iv, additional, (ulong)additionalLength, output + length, TagBytes);
        GC.KeepAlive(_memory);
    }

    internal override bool TryOpen(byte* iv, byte* additional, int additionalLength, byte* data, int length, byte* tag)
    {
        ObjectDisposedException.ThrowIf(_memory.IsClosed, this);
        var expected = stackalloc byte[TagBytes];
        _functions.Decrypt(_key, _work, data, data, (ulong)length, iv, additional, (ulong)additionalLength, expected, TagBytes);
        GC.KeepAlive(_memory);
        return CryptographicOperations.FixedTimeEquals(new ReadOnlySpan<byte>(expected, TagBytes), new(tag, TagBytes));
    }

    public override void Dispose() => _memory.Dispose();
}
