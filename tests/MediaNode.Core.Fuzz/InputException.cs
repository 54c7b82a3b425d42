namespace MediaNode.Core.Fuzz;

/// <summary>A target has failed on another input than it was given last: that one and those before it.</summary>
/// <param name="input">What fails when the target is given it alone.</param>
/// <param name="failure">How.</param>
internal sealed class InputException(byte[] input, Exception failure) : Exception($"{failure.Message} (with what was played before)", failure)
{
    public byte[] Input { get; } = input;
}
