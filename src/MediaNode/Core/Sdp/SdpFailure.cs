namespace MediaNode.Core.Sdp;

/// <summary>Why a session description cannot be used, in words for the person who reads the error reply.</summary>
/// <param name="Line">Line of the text, from 1; 0 when the rule is about the description as a whole.</param>
/// <param name="Rule">The attribute and the rule, such as "a=rtpmap: clock rate missing".</param>
public sealed record SdpFailure(int Line, string Rule)
{
    public override string ToString() => Line == 0 ? Rule : $"line {Line}: {Rule}";
}
