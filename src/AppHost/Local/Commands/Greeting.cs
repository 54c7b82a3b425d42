using System.Globalization;
using AppHost.Local.Planning;
using AppHost.Local.State;

namespace AppHost.Local.Commands;

internal static class Greeting
{
    /// <summary>What to do next, once everything is healthy.</summary>
    public static void Print(PlatformConsole console, PlatformPlan plan, StateFolder state, TimeSpan elapsed) => console.Say($$"""

        The platform is up ({{elapsed.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)}} s).

          web page   {{plan.Gateway}}
          session    curl -s {{plan.Gateway}}/session -H 'Content-Type: application/json' \
                       -d '{"application_id":{{plan.Application.Id}},"auth_key":"{{plan.Application.AuthKey}}"}'
          logs       {{state.Logs}}
          status     ./platform status

        """);
}
