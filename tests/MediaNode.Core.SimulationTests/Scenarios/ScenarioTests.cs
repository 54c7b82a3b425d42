using System.Globalization;

namespace MediaNode.Core.SimulationTests.Scenarios;

/// <summary>
/// Conferences made up from seeds. SIMULATION_SEEDS says how many (5000 for a long run), SIMULATION_SEED names a single one, such as one that has failed.
/// </summary>
public sealed class ScenarioTests
{
    private const int UsualSeeds = 200;

    public static TheoryData<int> Seeds => Setting("SIMULATION_SEED") is { } single
        ? [single]
        : [.. Enumerable.Range(1, Setting("SIMULATION_SEEDS") ?? UsualSeeds)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Everything_holds_in_a_conference_made_up_from_a_seed(int seed)
    {
        var scenario = Scenario.FromSeed(seed);
        try
        {
            using var run = new ScenarioRun(scenario);
            run.Play();
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException(
                $"{exception.Message}\nRepeat with: SIMULATION_SEED={seed} dotnet run --project tests/MediaNode.Core.SimulationTests -- -class {typeof(ScenarioTests).FullName}\n{scenario}", exception);
        }
    }

    [Fact]
    public void Usual_seeds_meet_every_path_and_every_deed_and_fifty_people_several_times()
    {
        var scenarios = Enumerable.Range(1, UsualSeeds).Select(Scenario.FromSeed).ToList();

        Assert.All(Enum.GetValues<Deed>(), deed => Assert.True(scenarios.Count(scenario => scenario.Deeds.Any(planned => planned.Deed == deed)) > UsualSeeds / 10));
        Assert.All(PathProfile.Downlinks, path => Assert.True(scenarios.Count(scenario => scenario.People.Any(person => person.Down == path)) > UsualSeeds / 10));
        Assert.All(PathProfile.Uplinks, path => Assert.True(scenarios.Count(scenario => scenario.People.Any(person => person.Up == path)) > UsualSeeds / 10));
        Assert.True(scenarios.Count(scenario => scenario.People.Any(person => person.Publishes == Publishing.Simulcast)) > UsualSeeds / 10);
        Assert.True(scenarios.Count(scenario => scenario.People.Count == Scenario.MaximumPeople) >= 5);
    }

    private static int? Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
}
