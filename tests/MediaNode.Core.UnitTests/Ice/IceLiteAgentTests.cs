using MediaNode.Core.Ice;
using MediaNode.Core.Net;
using MediaNode.Core.Stun;
using MediaNode.Core.Time;
using MediaNode.TestPeer;

namespace MediaNode.Core.UnitTests.Ice;

public sealed class IceLiteAgentTests
{
    private static readonly TransportAddress Home = TransportAddress.FromIPv4(0xC0000201, 1000);
    private static readonly TransportAddress Mobile = TransportAddress.FromIPv4(0xC0000202, 2000);

    private readonly SeededEntropy _entropy = new(1);
    private readonly IceLiteAgent _agent;
    private Instant _now = Instant.FromSeconds(10);
    private ulong _transaction;

    public IceLiteAgentTests()
    {
        _agent = new(_entropy, _now);
        _agent.RemoteUfrag = "client";
    }

    [Fact]
    public void First_checked_address_is_used_until_one_is_nominated()
    {
        Check(Home);
        Check(Mobile);
        Assert.Equal(Home, _agent.Selected);

        Check(Mobile, nominates: true);

        Assert.Equal(Mobile, _agent.Selected);
    }

    [Fact]
    public void Check_of_one_who_thinks_to_be_controlled_is_told_of_the_conflict_and_changes_nothing()
    {
        var request = new byte[StunMessageWriter.RecommendedBufferSize];
        var length = BindingMessages.WriteRequest(
            request, new(1, 2), new(_agent.LocalUfrag, "client", 1, IsControlling: false, 7, true), System.Text.Encoding.ASCII.GetBytes(_agent.LocalPassword));
        Assert.True(StunMessageView.TryParse(request.AsSpan(0, length), out var view, out _));
        var response = new byte[StunMessageWriter.RecommendedBufferSize];

        var outcome = _agent.HandleCheck(view, Home, _now, response, out length, out _);

        Assert.Equal(IceCheckOutcome.Refused, outcome);
        Assert.True(StunMessageView.TryParse(response.AsSpan(0, length), out var answer, out _));
        Assert.Equal(StunErrorCode.RoleConflict, answer.ErrorCode);
        Assert.Null(_agent.Selected);
        Assert.Equal(0, _agent.AddressCount);
    }

    [Fact]
    public void Check_without_nomination_does_not_move_media_while_the_address_in_use_is_alive()
    {
        Check(Home, nominates: true);
        for (var second = 0; second < 60; second++)
        {
            _now += TimeSpan.FromSeconds(1);
            Check(Mobile);
            if (second % 6 == 5)
                Check(Home);
            Assert.Equal(Home, _agent.Selected);
        }
    }

    [Fact]
    public void Silent_address_gives_way_to_one_that_is_still_checked()
    {
        Check(Home, nominates: true);
        var start = _now;
        while (_agent.Selected == Home && _now - start < TimeSpan.FromMinutes(1))
        {
            _now += TimeSpan.FromSeconds(1);
            Check(Mobile);
        }

        Assert.Equal(IceLiteAgent.SilenceLimit + TimeSpan.FromSeconds(1), _now - start);
    }

    [Fact]
    public void Lost_connection_gives_way_at_once_to_the_address_checked_last()
    {
        var connection = Home.Over(TransportProtocol.Tcp);
        Check(Mobile);
        _now += TimeSpan.FromSeconds(1);
        Check(Home);
        Check(connection, nominates: true);

        _agent.Forget(connection);

        Assert.Equal(Home, _agent.Selected);
        Assert.False(_agent.Knows(connection));
    }

    [Fact]
    public void More_addresses_than_the_limit_push_out_the_longest_silent_but_never_the_one_in_use()
    {
        Check(Home, nominates: true);
        for (ushort port = 1; port <= 10_000; port++)
        {
            _now += TimeSpan.FromMilliseconds(1);
            Check(TransportAddress.FromIPv4(0xC6336401, port));
            if (_agent.TakeEvicted() is { } evicted)
                Assert.Equal(port - ValidatedAddresses.Maximum + 1, evicted.Port);
        }

        Assert.Equal(ValidatedAddresses.Maximum, _agent.AddressCount);
        Assert.Equal(Home, _agent.Selected);
    }

    [Fact]
    public void Former_credentials_work_until_the_new_ones_have_nominated()
    {
        var (formerUfrag, formerPassword) = (_agent.LocalUfrag, _agent.LocalPassword);
        Check(Home, nominates: true);

        _agent.Restart(_entropy);
        _agent.RemoteUfrag = "newcomer";

        Assert.Equal(Home, _agent.Selected);
        Assert.Equal(IceCheckOutcome.Refreshed, Check(Home, formerUfrag, formerPassword, "client", nominates: true));
        Assert.Equal(IceCheckOutcome.AddressAdded, Check(Mobile, _agent.LocalUfrag, _agent.LocalPassword, "newcomer"));
        Assert.Equal((Home, formerUfrag), (_agent.Selected, _agent.FormerUfrag));
        Assert.Null(_agent.TakeRetiredUfrag());

        Check(Mobile, _agent.LocalUfrag, _agent.LocalPassword, "newcomer", nominates: true);

        Assert.Equal((Mobile, null), (_agent.Selected, _agent.FormerUfrag));
        Assert.Equal(formerUfrag, _agent.TakeRetiredUfrag());
        Assert.Equal(IceCheckOutcome.Dropped, Check(Home, formerUfrag, formerPassword, "client", nominates: true));
    }

    [Fact]
    public void Restart_that_the_client_never_saw_is_forgotten_by_the_next_one()
    {
        var proven = _agent.LocalUfrag;
        Check(Home, nominates: true);
        _agent.Restart(_entropy);
        var unseen = _agent.LocalUfrag;

        _agent.Restart(_entropy);

        Assert.Equal((proven, unseen), (_agent.FormerUfrag, _agent.TakeRetiredUfrag()));
    }

    [Theory]
    [InlineData("client", "wrong password")]
    [InlineData("stranger", null)]
    public void Wrong_password_and_wrong_user_change_nothing(string user, string? password)
    {
        Assert.Equal(IceCheckOutcome.Dropped, Check(Home, _agent.LocalUfrag, password ?? _agent.LocalPassword, user, nominates: true));

        Assert.Null(_agent.Selected);
        Assert.Equal(0, _agent.AddressCount);
    }

    private void Check(TransportAddress source, bool nominates = false) =>
        Assert.NotEqual(IceCheckOutcome.Dropped, Check(source, _agent.LocalUfrag, _agent.LocalPassword, "client", nominates));

    private IceCheckOutcome Check(TransportAddress source, string ufrag, string password, string user, bool nominates = false)
    {
        var buffer = new byte[StunMessageWriter.RecommendedBufferSize];
        var length = BindingMessages.WriteRequest(
            buffer, new(1, ++_transaction), new(ufrag, user, 1, IsControlling: true, 1, nominates), System.Text.Encoding.ASCII.GetBytes(password));
        Assert.True(StunMessageView.TryParse(buffer.AsSpan(0, length), out var request, out _));
        return _agent.HandleCheck(request, source, _now, new byte[StunMessageWriter.RecommendedBufferSize], out _, out _);
    }
}
