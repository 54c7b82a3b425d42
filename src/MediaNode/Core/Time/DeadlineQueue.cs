namespace MediaNode.Core.Time;

/// <summary>Something that wants to be called at a moment of its own.</summary>
internal interface ITimed
{
    /// <summary>Place in the <see cref="DeadlineQueue"/>, -1 when not in it. Written by the queue only.</summary>
    int QueueIndex { get; set; }

    Instant Deadline { get; }

    void HandleTimeout(Instant now);
}

/// <summary>
/// A binary heap of deadlines that knows each item's place, so that moving one costs O(log n) and allocates nothing.
/// The heap holds the deadline that was scheduled; an item may let it pass early and say when it is really due.
/// </summary>
internal sealed class DeadlineQueue
{
    private Entry[] _heap = new Entry[64];
    private int _count;

    public int Count => _count;

    public Instant Next => _count == 0 ? Instant.Never : _heap[0].At;

    /// <summary>Puts the item where its <see cref="ITimed.Deadline"/> belongs; takes it out when that is never.</summary>
    public void Schedule(ITimed item)
    {
        var at = item.Deadline;
        if (at == Instant.Never)
        {
            Remove(item);
            return;
        }
        if (item.QueueIndex < 0)
        {
            if (_count == _heap.Length)
                Array.Resize(ref _heap, _count * 2);
            item.QueueIndex = _count++;
        }
        else if (_heap[item.QueueIndex].At == at)
        {
            return;
        }
        _heap[item.QueueIndex] = new(item, at);
        Down(Up(item.QueueIndex));
    }

    public void Remove(ITimed item)
    {
        var index = item.QueueIndex;
        if (index < 0)
            return;
        item.QueueIndex = -1;
        var last = _heap[--_count];
        _heap[_count] = default;
        if (index == _count)
            return;
        _heap[index] = last;
        last.Item.QueueIndex = index;
        Down(Up(index));
    }

    /// <summary>Takes one item that is due out of the queue; its owner schedules it again after it was handled.</summary>
    public bool TryTakeDue(Instant now, out ITimed item)
    {
        if (_count == 0 || _heap[0].At > now)
        {
            item = null!;
            return false;
        }
        item = _heap[0].Item;
        Remove(item);
        return true;
    }

    private int Up(int index)
    {
        while (index > 0)
        {
            var parent = (index - 1) / 2;
            if (_heap[parent].At <= _heap[index].At)
                break;
            Swap(parent, index);
            index = parent;
        }
        return index;
    }

    private void Down(int index)
    {
        while (true)
        {
            var child = 2 * index + 1;
            if (child >= _count)
                return;
            if (child + 1 < _count && _heap[child + 1].At < _heap[child].At)
                child++;
            if (_heap[index].At <= _heap[child].At)
                return;
            Swap(index, child);
            index = child;
        }
    }

    private void Swap(int a, int b)
    {
        (_heap[a], _heap[b]) = (_heap[b], _heap[a]);
        _heap[a].Item.QueueIndex = a;
        _heap[b].Item.QueueIndex = b;
    }

    private readonly record struct Entry(ITimed Item, Instant At);
}
