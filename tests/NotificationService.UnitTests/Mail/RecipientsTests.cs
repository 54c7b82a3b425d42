using NotificationService.Mail;

namespace NotificationService.UnitTests.Mail;

public sealed class RecipientsTests
{
    [Fact]
    public void Each_attendee_with_an_address_gets_one_mail_and_the_host_none()
    {
        Assert.Equal(["ben@example.org", "eve@example.com"], Recipients.Of(SomeMeeting.Details, out _).Select(recipient => recipient.Key));
    }

    [Fact]
    public void An_address_named_twice_counts_once()
    {
        var meeting = SomeMeeting.Details with { Attendees = [new(1, "Ben@Example.org", "Ben"), new(null, " ben@example.org ", "B"), new(2, null, "No address")] };

        var recipient = Assert.Single(Recipients.Of(meeting, out var unusable));
        Assert.Equal("Ben@Example.org", recipient.Mailbox.Address);
        Assert.Equal(0, unusable);
    }

    [Theory]
    [InlineData("ben@example.org\r\nBcc: all@example.org")]
    [InlineData("ben@example.org, all@example.org")]
    [InlineData("Ben <ben@example.org>")]
    [InlineData("ben@example.org (a comment)")]
    [InlineData("<@relay.example:ben@example.org>")]
    [InlineData("friends: ben@example.org, eve@example.org;")]
    [InlineData("ben")]
    [InlineData("@example.org")]
    [InlineData("ben@")]
    [InlineData("ben\u0000@example.org")]
    [InlineData("ben@exa mple.org")]
    [InlineData("\"a\r\nb\"@example.org")]
    public void What_is_not_a_bare_address_is_not_used(string address)
    {
        var meeting = SomeMeeting.Details with { Attendees = [new(1, address, "Ben")] };

        Assert.Empty(Recipients.Of(meeting, out var unusable));
        Assert.Equal(1, unusable);
    }

    [Fact]
    public void An_address_longer_than_a_mail_path_is_not_used()
    {
        Assert.False(Recipients.TryParse(new string('a', 250) + "@b.cc", null, out _));
    }

    [Theory]
    [InlineData("o'neil+tag@example.co.uk")]
    [InlineData("josé@exämple.org")]
    [InlineData("a.b-c_d=e@sub.example.org")]
    public void Unusual_but_valid_addresses_are_used(string address)
    {
        Assert.True(Recipients.TryParse(address, null, out var mailbox));
        Assert.Equal(address, mailbox.Address);
    }
}
