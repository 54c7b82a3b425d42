using MediaNode.Core.Forwarding.Speakers;
using MediaNode.Core.Time;

namespace MediaNode.Core.UnitTests.Forwarding.Speakers;

public sealed class DominantSpeakerTests
{
    private readonly DominantSpeaker _dominant = new();
    private readonly Speaker _ann = new(1);
    private readonly Speaker _bob = new(2);
    private Instant _now = Instant.FromSeconds(100);

    [Fact]
    public void First_who_talks_has_the_word_and_keeps_it_through_silence()
    {
        Assert.False(Choose());
        Talk(_ann, 40);
        Assert.True(Choose());
        _ann.IsTalking = false;
        Assert.False(Choose());
        Assert.Equal(_ann, _dominant.Current);
    }

    [Fact]
    public void Answer_after_the_speaker_has_ended_takes_it_at_once()
    {
        Talk(_ann, 40);
        Choose();
        _ann.IsTalking = false;
        Talk(_bob, 45);
        Assert.True(Choose());
        Assert.Equal(_bob, _dominant.Current);
    }

    [Fact]
    public void Interrupter_has_to_be_clearly_louder_for_a_while()
    {
        Talk(_ann, 40);
        Choose();
        Talk(_bob, 40 - DominantSpeaker.Advantage);
        Assert.False(Choose());
        _now += DominantSpeaker.Persistence / 2;
        _bob.Level = 39;
        Assert.False(Choose());
        _bob.Level = 20;
        Assert.False(Choose());
        _now += DominantSpeaker.Persistence;
        Assert.True(Choose());
        Assert.Equal(_bob, _dominant.Current);
    }

    [Fact]
    public void Who_left_has_no_word()
    {
        Talk(_ann, 40);
        Choose();
        _dominant.Forget(_ann);
        Assert.Null(_dominant.Current);
    }

    private static void Talk(Speaker speaker, double level) => (speaker.IsTalking, speaker.Level) = (true, level);

    private bool Choose() => _dominant.Choose([_ann, _bob], _now);
}
