using MediaNode.Transport;

namespace MediaNode.IntegrationTests.Transport;

public sealed class LocalAddressesTests
{
    private readonly LocalAddresses _addresses = new();

    [Fact]
    public void Each_address_keeps_its_number()
    {
        UInt128[] own = [7, UInt128.MaxValue, 0, 9];

        var numbers = own.Select(_addresses.NumberOf).ToList();

        Assert.Equal<byte>([1, 2, 3, 4], numbers);
        Assert.Equal(numbers, own.Select(_addresses.NumberOf));
        Assert.Equal(own, numbers.Select(number => _addresses[number]));
    }

    /// <summary>A whole network may be routed to a machine, so that others choose how many there are.</summary>
    [Fact]
    public void More_addresses_than_fit_are_left_to_the_system()
    {
        for (var i = 1; i <= LocalAddresses.Maximum; i++)
            Assert.Equal(i, _addresses.NumberOf((UInt128)i));

        Assert.Equal(0, _addresses.NumberOf(1_000_000));
        Assert.Equal(LocalAddresses.Maximum, _addresses.NumberOf(LocalAddresses.Maximum));
    }
}
