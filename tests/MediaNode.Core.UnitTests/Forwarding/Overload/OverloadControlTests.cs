using MediaNode.Core.Forwarding.Overload;

namespace MediaNode.Core.UnitTests.Forwarding.Overload;

public sealed class OverloadControlTests
{
    private readonly OverloadControl _control = new();

    [Fact]
    public void One_busy_window_is_no_overload()
    {
        Assert.False(_control.Take(1));
        Assert.False(_control.Take(0.5));
        Assert.False(_control.Take(1));
        Assert.Equal(1, _control.Kept);
    }

    [Fact]
    public void Lasting_overload_sheds_more_and_more_but_never_all()
    {
        _control.Take(1);
        var last = 1.0;
        for (var window = 0; window < 10; window++)
        {
            Assert.True(_control.Take(OverloadControl.Behind));
            Assert.True(_control.Kept < last);
            last = _control.Kept;
        }
        for (var window = 0; window < 30; window++)
            _control.Take(1);
        Assert.Equal(OverloadControl.LeastKept, _control.Kept);
    }

    [Fact]
    public void Between_calm_and_behind_nothing_changes()
    {
        Shed();
        var kept = _control.Kept;
        for (var window = 0; window < 50; window++)
            Assert.False(_control.Take((OverloadControl.Calm + OverloadControl.Behind) / 2));
        Assert.Equal(kept, _control.Kept);
    }

    [Fact]
    public void Calm_brings_it_back_slowly_and_to_the_full()
    {
        Shed();
        for (var window = 0; window < OverloadControl.LeastCalm - 1; window++)
            Assert.False(_control.Take(0.3));
        Assert.True(_control.Take(0.3));
        Assert.True(_control.Kept < 1);
        for (var window = 0; window < 100; window++)
            _control.Take(0.3);
        Assert.Equal(1, _control.Kept);
        Assert.False(_control.Take(0.3));
    }

    private void Shed()
    {
        for (var window = 0; window < 4; window++)
            _control.Take(1);
    }
}
