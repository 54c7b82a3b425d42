using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MediaNode.Core.IpsecMb;

/// <summary>gcm_key_data (1008 bytes) and gcm_context_data (88 bytes), aligned as the library wants them; wiped when released.</summary>
internal sealed unsafe class IpsecMbKeyHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    private const nuint Alignment = 64;
    private const nuint KeyBytes = 1024;
    private const nuint WorkBytes = 128;

    internal IpsecMbKeyHandle()
        : base(ownsHandle: true) => SetHandle((nint)NativeMemory.AlignedAlloc(KeyBytes + WorkBytes, Alignment));

    internal byte* Key => (byte*)handle;

    internal byte* Work => (byte*)handle + KeyBytes;

    protected override bool ReleaseHandle()
    {
        NativeMemory.Clear((void*)handle, KeyBytes + WorkBytes);
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }
}
