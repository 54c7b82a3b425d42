namespace Comparison.Servers;

/// <summary>
/// A part of a core for one server at a time, by the kernel's bandwidth control (cpu.cfs_quota_us of cgroup v1, cpu.max of v2): the generator, which has
/// one core only, can then drive any server past its end. Needs root.
/// </summary>
internal sealed class CoreShare : IDisposable
{
    /// <summary>The least that the kernel grants. The server stands still for the rest of each period, so a short one: a millisecond at half a core.</summary>
    private const int QuotaMicroseconds = 1000;

    private const string VersionOne = "/sys/fs/cgroup/cpu";
    private const string VersionTwo = "/sys/fs/cgroup";

    private readonly string _folder;

    /// <param name="part">Of a core, above 0 and below 1.</param>
    /// <exception cref="InvalidOperationException">This user may not, or the kernel has no such control.</exception>
    public CoreShare(double part)
    {
        var period = (int)(QuotaMicroseconds / part);
        var one = Directory.Exists(VersionOne);
        _folder = Path.Combine(one ? VersionOne : VersionTwo, $"comparison-{Environment.ProcessId}");
        try
        {
            if (!one)
                File.WriteAllText(Path.Combine(VersionTwo, "cgroup.subtree_control"), "+cpu");
            Directory.CreateDirectory(_folder);
            if (one)
            {
                Write("cpu.cfs_period_us", $"{period}");
                Write("cpu.cfs_quota_us", $"{QuotaMicroseconds}");
            }
            else
            {
                Write("cpu.max", $"{QuotaMicroseconds} {period}");
            }
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"a part of a core needs root and a writable {_folder}: {problem.Message}", problem);
        }
    }

    /// <summary>All threads of the process; again is no harm.</summary>
    public void Hold(int process) => Write("cgroup.procs", $"{process}");

    public void Dispose()
    {
        try
        {
            Directory.Delete(_folder);
        }
        catch (IOException)
        {
            // A server that did not end yet is in it. An empty group costs nothing.
        }
    }

    private void Write(string file, string value) => File.WriteAllText(Path.Combine(_folder, file), value);
}
