using MediaNode.Core.Forwarding;
using MediaNode.Core.Ice;
using MediaNode.Core.Net;
using MediaNode.Core.Stun;
using MediaNode.Core.Time;
using MediaNode.TestPeer;

namespace MediaNode.Core.UnitTests.Ice;

public sealed class IceLiteAgentTests
{
    private const string ClientPassword = "a password of the client";

    private static readonly TransportAddress Home = TransportAddress.FromIPv4(0xC0000201, 1000);
    private static readonly TransportAddress Mobile = TransportAddress.FromIPv4(0xC0000202, 2000);

    private readonly SeededEntropy _entropy = new(1);
    private readonly IceLiteAgent _agent;
    private Instant _now = Instant.FromSeconds(10);
    private ulong _transaction;

    public IceLiteAgentTests()
    {
        _agent = new(_entropy, _now);
        _agent.SetRemote("client", ClientPassword);
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

        var outcome = _agent.HandleCheck(view, Home, isAnothers: false, _now, response, out length, out var reason);

        Assert.Equal((IceCheckOutcome.Refused, DropReason.StunRoleConflict), (outcome, reason));
        Assert.True(StunMessageView.TryParse(response.AsSpan(0, length), out var answer, out _));
        Assert.Equal(StunErrorCode.RoleConflict, answer.ErrorCode);
        Assert.Null(_agent.Selected);
        Assert.Equal(0, _agent.AddressCount);
    }

    [Fact]
    public void Check_with_an_attribute_that_must_be_understood_and_is_not_is_refused_and_changes_nothing()
    {
        var request = new byte[StunMessageWriter.RecommendedBufferSize];
        var writer = new StunMessageWriter(request, StunMethod.Binding, StunClass.Request, new(1, 2));
        writer.WritePriority(1);
        // In the place of PRIORITY, 0x24.
        request[21] = 0x31;
        writer.WriteUsername(_agent.LocalUfrag, "client");
        writer.WriteMessageIntegrity(System.Text.Encoding.ASCII.GetBytes(_agent.LocalPassword));
        Assert.True(StunMessageView.TryParse(request.AsSpan(0, writer.Length), out var view, out _));
        var response = new byte[StunMessageWriter.RecommendedBufferSize];

        var outcome = _agent.HandleCheck(view, Home, isAnothers: false, _now, response, out var length, out var reason);

        Assert.Equal((IceCheckOutcome.Refused, DropReason.StunUnknownAttribute), (outcome, reason));
        Assert.True(StunMessageView.TryParse(response.AsSpan(0, length), out var answer, out _));
        Assert.Equal(StunErrorCode.UnknownAttribute, answer.ErrorCode);
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
    public void Packets_follow_the_latest_check_and_not_an_earlier_one()
    {
        Check(Home, nominates: true);
        _now += TimeSpan.FromSeconds(1);
        Check(Mobile, nominates: true);

        // Still on their way when the client chose the other address.
        _agent.Follow(Home, _now);
        Assert.Equal(Mobile, _agent.Selected);

        _now += TimeSpan.FromSeconds(1);
        Check(Home);
        Assert.Equal(Mobile, _agent.Selected);
        _agent.Follow(Home, _now);
        Assert.Equal(Home, _agent.Selected);
        _agent.Follow(TransportAddress.FromIPv4(0xC6336401, 1), _now);
        Assert.Equal(Home, _agent.Selected);
    }

    [Fact]
    public void Client_that_answers_is_sent_to_where_its_answers_come_from()
    {
        Connect(answers: [Home]);
        Check(Mobile, nominates: true);
        Assert.Equal(Home, _agent.Selected);

        // Nobody is there.
        RunFor(TimeSpan.FromSeconds(5), answers: [Home]);
        Assert.Equal(Home, _agent.Selected);

        Check(Mobile, nominates: true);
        RunFor(TimeSpan.FromMilliseconds(10), answers: [Home, Mobile]);
        Assert.Equal(Mobile, _agent.Selected);
        Assert.True(_agent.IsSelectedProven);
    }

    [Fact]
    public void Address_that_has_answered_of_late_is_used_at_once()
    {
        Connect(answers: [Home, Mobile]);
        Check(Mobile);
        RunFor(TimeSpan.FromSeconds(2), answers: [Home, Mobile]);
        Assert.Equal(Home, _agent.Selected);

        Check(Mobile, nominates: true);

        Assert.Equal(Mobile, _agent.Selected);
    }

    [Fact]
    public void Answer_of_long_ago_proves_nothing()
    {
        Connect(answers: [Home, Mobile]);
        Check(Mobile);
        RunFor(TimeSpan.FromSeconds(2), answers: [Home, Mobile]);
        RunFor(IceLiteAgent.ConsentTimeout, answers: [Home]);

        Check(Mobile, nominates: true);

        Assert.Equal(Home, _agent.Selected);
    }

    /// <summary>Clients check all their candidates, and keep those that they do not use alive.</summary>
    [Fact]
    public void Other_candidate_does_not_move_media_while_the_selected_one_answers()
    {
        Connect(answers: [Home, Mobile]);
        for (var second = 0; second < 120; second++)
        {
            Check(Mobile);
            RunFor(TimeSpan.FromSeconds(1), answers: [Home, Mobile]);
            Assert.Equal(Home, _agent.Selected);
        }
    }

    [Fact]
    public void Address_that_was_left_without_a_word_gives_way_within_a_second()
    {
        Connect(answers: [Home]);
        RunFor(TimeSpan.FromMinutes(1), answers: [Home]);

        // A packet of before is still on its way.
        Check(Mobile);
        RunFor(TimeSpan.FromMilliseconds(50), answers: [Mobile]);
        _agent.HandleHeard(_now);
        RunFor(TimeSpan.FromMilliseconds(900), answers: [Mobile]);

        Assert.Equal(Mobile, _agent.Selected);
    }

    [Fact]
    public void Address_that_is_heard_of_keeps_its_place_though_it_does_not_answer_the_question()
    {
        Connect(answers: [Home]);
        Check(Mobile);
        for (var i = 0; i < 20; i++)
        {
            RunFor(TimeSpan.FromMilliseconds(100), answers: [Mobile]);
            _agent.HandleHeard(_now);
        }

        Assert.Equal(Home, _agent.Selected);
    }

    [Fact]
    public void Lost_connection_gives_way_only_to_an_address_that_answers()
    {
        var connection = Home.Over(TransportProtocol.Tcp);
        Check(connection, nominates: true);
        Connect(answers: [connection]);
        Assert.Equal(connection, _agent.Selected);
        Check(Mobile);
        RunFor(TimeSpan.FromMinutes(1), answers: [connection]);

        _agent.Forget(connection, _now);
        Assert.Null(_agent.Selected);
        Check(Mobile, nominates: true);
        Assert.Null(_agent.Selected);
        RunFor(TimeSpan.FromMilliseconds(500), answers: [Mobile]);

        Assert.Equal(Mobile, _agent.Selected);
    }

    [Fact]
    public void Checks_of_our_own_are_few_however_many_come()
    {
        Connect(answers: [Home]);
        var sent = 0;
        for (ushort port = 1; port <= 10_000; port++)
        {
            _now += TimeSpan.FromMilliseconds(1);
            Check(TransportAddress.FromIPv4(0xC6336401, port), nominates: true);
            sent += RunFor(TimeSpan.Zero, answers: [Home]);
        }

        // Ten at once, ten a second, and those for consent.
        Assert.InRange(sent, 50, 10 + 100 + 10);
    }

    [Fact]
    public void Lost_connection_gives_way_at_once_to_the_address_checked_last()
    {
        var connection = Home.Over(TransportProtocol.Tcp);
        Check(Mobile);
        _now += TimeSpan.FromSeconds(1);
        Check(Home);
        Check(connection, nominates: true);

        _agent.Forget(connection, _now);

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
        _agent.SetRemote("newcomer", ClientPassword);

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

    [Fact]
    public void Another_connection_keeps_only_what_it_has_proved_itself()
    {
        Check(Home, nominates: true);
        var (formerUfrag, formerPassword) = (_agent.LocalUfrag, _agent.LocalPassword);
        _agent.Restart(_entropy);
        Assert.NotEqual(IceCheckOutcome.Dropped, Check(Mobile, _agent.LocalUfrag, _agent.LocalPassword, "another"));

        var forgotten = _agent.BeginAnew("another", _now);

        Assert.Equal([Home], forgotten);
        Assert.Equal((Mobile, 1, null), (_agent.Selected, _agent.AddressCount, _agent.FormerUfrag));
        Assert.Equal(formerUfrag, _agent.TakeRetiredUfrag());
        Assert.Equal(IceCheckOutcome.Dropped, Check(Home, formerUfrag, formerPassword, "client", nominates: true));
    }

    [Theory]
    [InlineData("client", 1)]
    [InlineData("another", 0)]
    public void Another_connection_under_the_same_credentials_of_ours_has_the_addresses_only_if_its_own_are_the_same_too(string user, int addresses)
    {
        Check(Home, nominates: true);

        _agent.BeginAnew(user, _now);

        Assert.Equal(addresses, _agent.AddressCount);
        Assert.Equal(addresses == 0, _agent.Selected is null);
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

    /// <summary>The handshake is over, and the client has answered the first check.</summary>
    private void Connect(params TransportAddress[] answers)
    {
        Check(answers[0], nominates: true);
        _agent.HandleConnected(isProven: true, _now);
        RunFor(TimeSpan.FromMilliseconds(10), answers);
        Assert.True(_agent.HasAnswered);
    }

    /// <summary>Time passes in steps of 10 ms.</summary>
    /// <param name="answers">Addresses whose checks are answered at once.</param>
    /// <returns>Checks that the agent sent.</returns>
    private int RunFor(TimeSpan time, TransportAddress[] answers)
    {
        var sent = 0;
        var buffer = new byte[StunMessageWriter.RecommendedBufferSize];
        for (var end = _now + time; ; _now += TimeSpan.FromMilliseconds(10))
        {
            if (_now >= _agent.NextTimeout)
                _agent.HandleTimeout(_now);
            while (_agent.TryWriteCheck(buffer, _now, out var length, out var destination))
            {
                sent++;
                Assert.True(StunMessageView.TryParse(buffer.AsSpan(0, length), out var check, out _));
                if (!answers.Contains(destination))
                    continue;
                var answer = new byte[StunMessageWriter.RecommendedBufferSize];
                length = BindingMessages.WriteSuccess(answer, check.TransactionId, destination, System.Text.Encoding.ASCII.GetBytes(ClientPassword));
                Assert.True(StunMessageView.TryParse(answer.AsSpan(0, length), out var response, out _));
                Assert.True(_agent.HandleAnswer(response, destination, _now));
            }
            if (_now >= end)
                return sent;
        }
    }

    private void Check(TransportAddress source, bool nominates = false) =>
        Assert.NotEqual(IceCheckOutcome.Dropped, Check(source, _agent.LocalUfrag, _agent.LocalPassword, "client", nominates));

    private IceCheckOutcome Check(TransportAddress source, string ufrag, string password, string user, bool nominates = false)
    {
        var buffer = new byte[StunMessageWriter.RecommendedBufferSize];
        var length = BindingMessages.WriteRequest(
            buffer, new(1, ++_transaction), new(ufrag, user, 1, IsControlling: true, 1, nominates), System.Text.Encoding.ASCII.GetBytes(password));
        Assert.True(StunMessageView.TryParse(buffer.AsSpan(0, length), out var request, out _));
        return _agent.HandleCheck(request, source, isAnothers: false, _now, new byte[StunMessageWriter.RecommendedBufferSize], out _, out _);
    }
}
