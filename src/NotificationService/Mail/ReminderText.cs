using System.Net;
using MeetingService.Contracts;

namespace NotificationService.Mail;

/// <summary>What a reminder says, as plain text and as HTML.</summary>
internal sealed record ReminderText(string Title, MeetingTime Time, string Plain, string Html)
{
    public static ReminderText Of(MeetingDetails meeting, Recipient recipient, MailOptions options)
    {
        var title = ReminderCalendar.TitleOf(meeting);
        var time = MeetingTime.Of(meeting);
        var host = PlainText.OneLine(meeting.HostName);
        var link = options.JoinLinkOf(meeting.MeetingId);
        var greeting = recipient.Mailbox.Name is { Length: > 0 } name ? $"Hello {name}," : "Hello,";
        return new(title, time, PlainOf(greeting, title, time, host, link), HtmlOf(greeting, title, time, host, link));
    }

    private static string PlainOf(string greeting, string title, MeetingTime time, string host, string? link)
    {
        string?[] lines =
        [
            greeting,
            "",
            "this is a reminder of your meeting.",
            "",
            $"  {title}",
            $"  {time.Span}",
            host.Length > 0 ? $"  Host: {host}" : null,
            link is null ? null : $"  Join: {link}",
            "",
            "The attached file adds the meeting to your calendar.",
            "",
        ];
        return string.Join("\r\n", lines.Where(line => line is not null));
    }

    private static string HtmlOf(string greeting, string title, MeetingTime time, string host, string? link)
    {
        var hostLine = host.Length > 0 ? $"""<p style="margin:4px 0;color:#57606a">Host: <span dir="auto">{Encode(host)}</span></p>""" : "";
        var button = link is null ? "" : $"""
            <p style="margin:24px 0 0"><a href="{Encode(link)}" style="display:inline-block;padding:12px 24px;border-radius:8px;background:#1f6feb;color:#ffffff;text-decoration:none;font-weight:600">Join the meeting</a></p>
            """;
        return $"""
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width"></head>
            <body style="margin:0;padding:24px;background:#f6f8fa;font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;color:#1f2328">
            <div style="max-width:520px;margin:0 auto;padding:32px;background:#ffffff;border:1px solid #d0d7de;border-radius:12px">
            <p style="margin:0 0 16px" dir="auto">{Encode(greeting)}</p>
            <p style="margin:0 0 24px">this is a reminder of your meeting.</p>
            <h1 style="margin:0 0 8px;font-size:22px;line-height:1.3" dir="auto">{Encode(title)}</h1>
            <p style="margin:4px 0;font-weight:600">{Encode(time.Span)}</p>
            {hostLine}
            {button}
            <p style="margin:24px 0 0;font-size:13px;color:#57606a">The attached file adds the meeting to your calendar.</p>
            </div>
            </body>
            </html>
            """;
    }

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
