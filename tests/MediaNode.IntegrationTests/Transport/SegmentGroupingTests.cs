using MediaNode.Core.Forwarding;
using MediaNode.Core.Net;
using MediaNode.Transport;

namespace MediaNode.IntegrationTests.Transport;

public sealed class SegmentGroupingTests
{
    [Fact]
    public void Any_batch_is_kept_whole_in_order_per_destination_and_within_the_limits()
    {
        var random = new Random(1);
        var grouping = new SegmentGrouping();
        for (var turn = 0; turn < 500; turn++)
        {
            var transmits = Enumerable.Range(0, random.Next(1, 400))
                .Select(i => new Transmit(i * 1500, random.Next(3) == 0 ? random.Next(1, 1500) : 1200, TransportAddress.FromIPv4((uint)random.Next(20), 1)))
                .ToArray();
            grouping.Arrange(transmits, segmentation: random.Next(4) != 0);

            var order = new List<int>();
            for (var group = 0; group < grouping.Count; group++)
                order.AddRange(Check(grouping, group, transmits));
            Assert.Equal(Enumerable.Range(0, transmits.Length), order.Order());
            foreach (var destination in transmits.Select(transmit => transmit.Destination).Distinct())
            {
                var indices = order.Where(index => transmits[index].Destination == destination).ToList();
                Assert.Equal(indices.Order(), indices);
            }
        }
    }

    private static List<int> Check(SegmentGrouping grouping, int group, Transmit[] transmits)
    {
        var indices = new List<int>();
        for (var index = grouping.First(group); index >= 0; index = grouping.Next(index))
            indices.Add(index);
        var lengths = indices.ConvertAll(index => transmits[index].Length);
        Assert.Single(indices.Select(index => transmits[index].Destination).Distinct());
        Assert.InRange(indices.Count, 1, 64);
        Assert.InRange(lengths.Sum(), 1, 65_507);
        Assert.All(lengths.SkipLast(1), length => Assert.Equal(lengths[0], length));
        Assert.True(lengths[^1] <= lengths[0]);
        return indices;
    }
}
