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
    public void A_burst_of_other_work_is_made_good_within_seconds()
    {
        Shed(windows: 8);
        for (var window = 0; window < OverloadControl.LeastCalm - 1; window++)
            Assert.False(_control.Take(0.1));
        Assert.True(_control.Take(0.1));
        Assert.True(_control.Kept < 1);
        for (var window = 0; window < 8; window++)
            _control.Take(0.1);
        Assert.Equal(1, _control.Kept);
        Assert.False(_control.Take(0.1));
    }

    [Fact]
    public void No_more_comes_back_than_there_is_time_for()
    {
        // As much work as video: all of it would take one and a half times the worker's time.
        const double Full = 1.5;
        Shed(windows: 8);
        for (var window = 0; window < 100; window++)
        {
            _control.Take(Full * _control.Kept);
            Assert.True(Full * _control.Kept < OverloadControl.Behind);
        }
        Assert.InRange(Full * _control.Kept, OverloadControl.Calm, OverloadControl.Behind);
    }

    [Fact]
    public void Step_that_is_too_large_is_taken_back_at_once()
    {
        Shed();
        var kept = _control.Kept;
        for (var window = 0; window < OverloadControl.LeastCalm; window++)
            _control.Take(0.4);
        Assert.True(_control.Kept > kept);

        Assert.True(_control.Take(1));

        Assert.Equal(kept, _control.Kept);
    }

    [Fact]
    public void Where_more_makes_it_fall_behind_all_of_a_sudden_it_stays_just_below_and_tries_rarely()
    {
        const double Possible = 0.6;
        Shed(windows: 10);
        for (var window = 0; window < 100; window++)
            _control.Take(_control.Kept > Possible ? 1 : 0.4);

        var tooMuch = 0;
        for (var window = 0; window < 200; window++)
        {
            _control.Take(_control.Kept > Possible ? 1 : 0.4);
            Assert.True(_control.Kept >= 0.9 * Possible);
            tooMuch += _control.Kept > Possible ? 1 : 0;
        }
        Assert.InRange(tooMuch, 1, 200 / OverloadControl.MostCalm + 1);
    }

    [Fact]
    public void What_was_too_much_once_is_sent_again_when_it_is_not_any_more()
    {
        const double Possible = 0.6;
        Shed(windows: 10);
        for (var window = 0; window < 100; window++)
            _control.Take(_control.Kept > Possible ? 1 : 0.4);

        var windows = 0;
        for (; _control.Kept < 1; windows++)
            _control.Take(0.4);

        Assert.InRange(windows, 1, 30);
    }

    [Fact]
    public void While_a_backlog_is_worked_off_no_more_is_shed()
    {
        _control.Take(1, 0.5);
        Assert.True(_control.Take(1, 0.9));
        Assert.False(_control.Take(1, 0.7));
        Assert.False(_control.Take(1, 0.5));
        Assert.True(_control.Take(1, 0.5));
    }

    private void Shed(int windows = 4)
    {
        for (var window = 0; window < windows; window++)
            _control.Take(1);
    }
}
