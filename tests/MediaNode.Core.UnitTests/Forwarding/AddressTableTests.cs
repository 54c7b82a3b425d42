using MediaNode.Core.Forwarding;
using MediaNode.Core.Net;

namespace MediaNode.Core.UnitTests.Forwarding;

public sealed class AddressTableTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(0xDEAD_BEEF_0123_4567)]
    public void Behaves_as_a_dictionary_does(ulong seed)
    {
        var random = new Random(3);
        var table = new AddressTable<string>(seed);
        var model = new Dictionary<TransportAddress, string>();
        string[] owners = ["a", "b", "c"];
        for (var step = 0; step < 50_000; step++)
        {
            var address = TransportAddress.FromIPv4((uint)random.Next(40), (ushort)random.Next(20));
            var owner = owners[random.Next(owners.Length)];
            if (random.Next(5) < 2)
            {
                table.Set(address, owner);
                model[address] = owner;
            }
            else
            {
                table.Remove(address, owner);
                if (model.TryGetValue(address, out var known) && known == owner)
                    model.Remove(address);
            }
            var asked = TransportAddress.FromIPv4((uint)random.Next(40), (ushort)random.Next(20));
            Assert.Equal(model.GetValueOrDefault(asked), table.Find(asked));
            Assert.Equal(model.Count, table.Count);
        }
        Assert.All(model, entry => Assert.Equal(entry.Value, table.Find(entry.Key)));
    }

    [Fact]
    public void Ports_of_one_host_spread_over_the_table()
    {
        var homes = Enumerable.Range(1024, 512).Select(port => (TransportAddress.FromIPv4(0x7F000001, (ushort)port).Mix(42) >> 33) & 1023).Distinct();

        // 512 balls in 1024 urns fill 403 on average.
        Assert.InRange(homes.Count(), 350, 512);
    }
}
