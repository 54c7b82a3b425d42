using MediaNode.Core.Ice;
using MediaNode.Core.Net;
using MediaNode.Core.Stun;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <content>Where the client is: what passed a check, and where what is sent goes.</content>
internal abstract partial class Peer
{
    /// <summary>A Binding request that names this peer's username fragment.</summary>
    public void HandleCheck(in StunMessageView request, in TransportAddress source, Instant now)
    {
        var response = Engine.Batch.Reserve();
        // Any peer that knows a password can forge a check from another's address, and would take the other's packets.
        var isAnothers = Engine.Peers.ByAddress(source) is { } other && other != this && other.Ice.IsAt(source, now) && !Ice.IsProven(source, now);
        var outcome = Ice.HandleCheck(request, source, isAnothers, now, response, out var length, out var dropReason);
        if (outcome is IceCheckOutcome.Dropped or IceCheckOutcome.Refused)
            Drop(dropReason);
        if (outcome == IceCheckOutcome.Dropped)
            return;
        Engine.Batch.Commit(length, source);
        if (outcome == IceCheckOutcome.Refused)
            return;
        if (Ice.TakeEvicted() is { } evicted)
            Engine.Peers.Unbind(evicted, this);
        if (Ice.TakeRetiredUfrag() is { } retired)
            Engine.Peers.RemoveUfrag(retired);
        if (isAnothers)
            Engine.Peers.Claim(source, this);
        else
            TakeAddress(source, now);
        FollowSelected(now);
        _path.HandleReceived(source, request.Length);
        SendHandshake();
        Engine.Deadlines.Schedule(this);
    }

    /// <summary>A response to a Binding request.</summary>
    /// <returns>False when it is to none that this peer was sent.</returns>
    public bool HandleAnswer(in StunMessageView response, in TransportAddress source, Instant now)
    {
        if (!Ice.HandleAnswer(response, source, now))
            return false;
        TakeAddress(source, now);
        FollowSelected(now);
        Engine.Deadlines.Schedule(this);
        return true;
    }

    /// <summary>The connection behind an address has ended, so nothing can be sent there any more.</summary>
    public void HandleConnectionLost(in TransportAddress address, Instant now)
    {
        Engine.Peers.Unbind(address, this);
        HandleAddressLost(address, now);
    }

    /// <summary>New ICE credentials, to be told to the client; the former ones work until it has nominated with the new.</summary>
    public void RestartIce()
    {
        Ice.Restart(Engine.Entropy);
        if (Ice.TakeRetiredUfrag() is { } retired)
            Engine.Peers.RemoveUfrag(retired);
        Engine.Peers.AddUfrag(Ice.LocalUfrag, this);
    }

    /// <summary>Where the client's own packets come from is where it is: it may have moved without a word, as through a NAT that forgot it.</summary>
    private void HandleAuthentic(in TransportAddress source, Instant now)
    {
        if (source == _path.Remote)
        {
            Ice.HandleHeard(now);
            return;
        }
        if (!_receiver!.WasNewest)
            return;
        Ice.Follow(source, now);
        FollowSelected(now);
        Engine.Deadlines.Schedule(this);
    }

    /// <summary>What comes from the address is this peer's from now on; whoever had it is there no more.</summary>
    private void TakeAddress(in TransportAddress address, Instant now)
    {
        var former = Engine.Peers.ByAddress(address);
        if (former == this || !Ice.Knows(address))
            return;
        Engine.Peers.Bind(address, this);
        former?.HandleAddressLost(address, now);
    }

    private void HandleAddressLost(in TransportAddress address, Instant now)
    {
        Ice.Forget(address, now);
        FollowSelected(now);
        Engine.Deadlines.Schedule(this);
    }

    /// <summary>Sends to where ICE says, and what ICE wants to have sent.</summary>
    private void FollowSelected(Instant now)
    {
        if (_path.Follow(Ice, IsConnected) && IsConnected)
            HandlePathChanged(now);
        while (Ice.TryWriteCheck(Engine.Batch.Reserve(), now, out var length, out var destination))
            Engine.Batch.Commit(length, destination);
    }

    /// <summary>False for what might go to somebody who does not want it.</summary>
    private bool MaySend(int bytes)
    {
        if (_path.TrySpend(bytes))
            return true;
        Drop(DropReason.PathUnproven);
        return false;
    }
}
