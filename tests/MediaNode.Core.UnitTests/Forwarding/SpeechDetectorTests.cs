using MediaNode.Core.Forwarding;
using MediaNode.Core.Time;

namespace MediaNode.Core.UnitTests.Forwarding;

public sealed class SpeechDetectorTests
{
    private readonly SpeechDetector _speech = new();
    private Instant _now = Instant.FromSeconds(1);

    [Fact]
    public void Level_is_a_share_of_full_scale()
    {
        Assert.Null(_speech.Linear);
        Speak(0, seconds: 3);
        Assert.Equal(1, _speech.Linear!.Value, 2);
        Speak(40, seconds: 3);
        Assert.Equal(0.01, _speech.Linear!.Value, 3);
    }

    [Fact]
    public void Microphone_that_sends_nothing_any_more_does_not_talk()
    {
        Speak(20, seconds: 2);
        Assert.True(_speech.IsTalking);
        Assert.False(_speech.HandleSilence(_now + TimeSpan.FromMilliseconds(100)));
        Assert.True(_speech.HandleSilence(_now + TimeSpan.FromSeconds(1)));
        Assert.False(_speech.IsTalking);
        Assert.Equal(0, _speech.Linear);
        Assert.False(_speech.HandleSilence(_now + TimeSpan.FromSeconds(2)));
    }

    private void Speak(byte level, int seconds)
    {
        for (var packet = 0; packet < seconds * 50; packet++)
        {
            _now += TimeSpan.FromMilliseconds(20);
            _speech.HandleLevel(level, _now);
        }
    }
}
