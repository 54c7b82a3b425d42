namespace MediaNode.Core.Fuzz.Engine;

/// <summary>
/// Plays inputs one after another on one call, since to connect everybody takes longer than most inputs. An input that fails is played once more on a call of its own; when it does
/// not fail there, all that was played before is part of the input that is reported.
/// </summary>
internal static class EngineRun
{
    /// <summary>Inputs on one call: not more than can be looked through.</summary>
    private const int MaximumInputs = 50;

    [ThreadStatic]
    private static FuzzedParty? _party;

    [ThreadStatic]
    private static List<byte[]>? _played;

    public static void Play(ReadOnlySpan<byte> data)
    {
        _party ??= new();
        _played ??= [];
        _played.Add(data.ToArray());
        try
        {
            if (EngineScript.TryPlay(_party, data) && _played.Count < MaximumInputs)
                return;
            _party.Dispose();
            Forget();
        }
        catch (Exception exception)
        {
            var together = Join(_played);
            Forget();
            PlayAlone(data);
            throw new InputException(together, exception);
        }
    }

    private static void PlayAlone(ReadOnlySpan<byte> data)
    {
        using var party = new FuzzedParty();
        EngineScript.TryPlay(party, data);
    }

    private static byte[] Join(List<byte[]> inputs)
    {
        var joined = new MemoryStream();
        for (var i = 0; i < inputs.Count; i++)
        {
            if (i > 0)
                joined.Write(EngineScript.Separator);
            joined.Write(inputs[i]);
        }
        return joined.ToArray();
    }

    private static void Forget() => (_party, _played) = (null, null);
}
