using System.Globalization;
using System.Text;

namespace Comparison;

/// <summary>Markdown rows: ours, Janus, and how many times better ours is.</summary>
internal sealed class ReportTable(string ours, string theirs)
{
    private readonly StringBuilder _text = new($"| | {ours} | {theirs} | ratio |\n| --- | --- | --- | --- |\n");

    /// <param name="name">What was measured.</param>
    /// <param name="our">Null when it could not be measured.</param>
    /// <param name="their">Null when it could not be measured.</param>
    /// <param name="format">.NET's, with the unit.</param>
    /// <param name="moreIsBetter">Decides which way the ratio goes.</param>
    /// <param name="ourNote">Behind our figure.</param>
    /// <param name="theirNote">Behind theirs.</param>
    public void Add(string name, double? our, double? their, string format, bool moreIsBetter = false, string ourNote = "", string theirNote = "")
    {
        var ratio = our > 0 && their > 0 ? moreIsBetter ? our / their : their / our : null;
        _text.AppendLine(CultureInfo.InvariantCulture, $"| {name} | {Text(our, format)}{ourNote} | {Text(their, format)}{theirNote} | {Text(ratio, "0.0")} |");
    }

    public override string ToString() => _text.ToString();

    private static string Text(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "-";
}
