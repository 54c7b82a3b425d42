using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace SignalingService.Rooms;

/// <summary>The members of this instance in the rooms of one node, by room and by peer. Safe for use from several threads.</summary>
internal sealed class RoomRegister
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ImmutableList<RoomMember>> _byRoom = [];
    private readonly Dictionary<ulong, RoomMember> _byPeer = [];
    private bool _isClosed;

    public bool TryAdd(RoomMember member)
    {
        lock (_lock)
        {
            if (_isClosed)
                return false;
            _byRoom[member.Seat.RoomId] = _byRoom.GetValueOrDefault(member.Seat.RoomId, []).Add(member);
            return true;
        }
    }

    public void Own(ulong peerId, RoomMember member)
    {
        lock (_lock)
            _byPeer[peerId] = member;
    }

    public void Disown(ulong peerId)
    {
        lock (_lock)
            _byPeer.Remove(peerId);
    }

    /// <returns>True when it was the last one: the register is closed then, and takes nobody any more.</returns>
    public bool RemoveAndCloseIfEmpty(RoomMember member)
    {
        lock (_lock)
        {
            if (!_byRoom.TryGetValue(member.Seat.RoomId, out var members))
                return false;
            members = members.Remove(member);
            if (members.IsEmpty)
                _byRoom.Remove(member.Seat.RoomId);
            else
                _byRoom[member.Seat.RoomId] = members;
            return _isClosed = _isClosed || _byRoom.Count == 0;
        }
    }

    /// <summary>Takes everybody out, for good.</summary>
    public IReadOnlyList<RoomMember> Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            var all = _byRoom.Values.SelectMany(members => members).ToList();
            _byRoom.Clear();
            _byPeer.Clear();
            return all;
        }
    }

    public IReadOnlyList<RoomMember> InRoom(string roomId)
    {
        lock (_lock)
            return _byRoom.GetValueOrDefault(roomId, []);
    }

    public IReadOnlyList<string> Rooms()
    {
        lock (_lock)
            return [.. _byRoom.Keys];
    }

    public bool TryFindOwner(ulong peerId, [NotNullWhen(true)] out RoomMember? member)
    {
        lock (_lock)
            return _byPeer.TryGetValue(peerId, out member);
    }
}
