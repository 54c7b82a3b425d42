using MediaNode.Core.Time;

namespace MediaNode.Core.UnitTests.Time;

public sealed class DeadlineQueueTests
{
    [Fact]
    public void Items_come_out_in_the_order_of_their_deadlines_whatever_was_moved_before()
    {
        var random = new Random(1);
        var queue = new DeadlineQueue();
        var items = Enumerable.Range(0, 300).Select(_ => new Item()).ToList();
        for (var turn = 0; turn < 5000; turn++)
        {
            var item = items[random.Next(items.Count)];
            item.Deadline = random.Next(10) == 0 ? Instant.Never : new(random.Next(1000));
            queue.Schedule(item);
        }

        var expected = items.Where(item => item.Deadline != Instant.Never).Select(item => item.Deadline).Order().ToList();
        Assert.Equal(expected[0], queue.Next);
        var taken = new List<Instant>();
        while (queue.TryTakeDue(new(1000), out var due))
            taken.Add(due.Deadline);

        Assert.Equal(expected, taken);
        Assert.Equal(Instant.Never, queue.Next);
        Assert.All(items, item => Assert.Equal(-1, item.QueueIndex));
    }

    [Fact]
    public void Nothing_is_taken_before_it_is_due()
    {
        var queue = new DeadlineQueue();
        var item = new Item { Deadline = new(10) };
        queue.Schedule(item);

        Assert.False(queue.TryTakeDue(new(9), out _));
        Assert.True(queue.TryTakeDue(new(10), out _));
    }

    [Fact]
    public void Removed_item_does_not_come()
    {
        var queue = new DeadlineQueue();
        var items = Enumerable.Range(1, 20).Select(at => new Item { Deadline = new(at) }).ToList();
        items.ForEach(queue.Schedule);

        queue.Remove(items[0]);
        queue.Remove(items[0]);
        queue.Remove(items[19]);

        Assert.Equal(new(2), queue.Next);
        var count = 0;
        while (queue.TryTakeDue(new(100), out _))
            count++;
        Assert.Equal(18, count);
    }

    private sealed class Item : ITimed
    {
        public int QueueIndex { get; set; } = -1;

        public Instant Deadline { get; set; } = Instant.Never;

        public void HandleTimeout(Instant now)
        {
        }
    }
}
