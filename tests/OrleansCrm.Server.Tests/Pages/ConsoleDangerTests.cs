using OrleansCrm.Server.Tests.Alerts;

namespace OrleansCrm.Server.Tests.Pages;

/// <summary>What agents fear of a desk: two on one case, a list that is not live and does not say so, an alert that shows only after a reload.</summary>
[Trait("Needs", "chromium")]
public sealed class ConsoleDangerTests(AgentDesk desk) : IClassFixture<AgentDesk>
{
    private const string Banner = "text=/Changes since then are missing/";

    [NodeFact("chromium")]
    public async Task Alert_appears_without_a_reload()
    {
        await using var ada = await desk.SignInAsync("ada");

        var alert = await desk.RaiseAsync();

        Assert.Contains("could not pay", await ada.SeeAsync(RowOf(alert)));
        Assert.Matches(@"^\(\d+\) ", await ada.TitleAsync());
        Assert.True(await ada.IsUntouchedAsync());
    }

    [NodeFact("chromium")]
    public async Task Of_two_agents_who_claim_at_once_one_wins_and_the_other_sees_who()
    {
        var alert = await desk.RaiseAsync();
        await using var ada = await desk.SignInAsync("ada");
        await using var ben = await desk.SignInAsync("ben");
        foreach (var agent in new[] { ada, ben })
        {
            await agent.SeeAsync(RowOf(alert));
            await SelectAsync(agent, alert);
        }

        await Task.WhenAll(ada.PressAsync("c"), ben.PressAsync("c"));

        var winner = (await WhenAsync(alert, "claimed")).GetProperty("claimedBy").GetString()!;
        var (won, lost) = winner == ada.Email ? (ada, ben) : (ben, ada);
        Assert.Equal(winner, won.Email);
        await won.SeeAsync("article header >> text=Yours");
        await lost.SeeAsync($"article >> text={winner} is working on this alert.");
        Assert.Contains(winner.Split('@')[0], await lost.SeeAsync(RowOf(alert)));
        Assert.Equal((1, 0), (await won.CountAsync("text=Release"), await lost.CountAsync("text=Release")));
        await lost.PictureAsync("claimed-by-another");
    }

    [NodeFact("chromium")]
    public async Task Screen_without_a_network_says_how_old_it_is_and_misses_nothing()
    {
        var known = await desk.RaiseAsync();
        await using var ada = await desk.SignInAsync("ada");
        await ada.SeeAsync(RowOf(known));

        await ada.GoOfflineAsync();
        await ada.SeeAsync("text=/^Offline$/");
        var missed = new[] { await desk.RaiseAsync(), await desk.RaiseAsync() };
        await desk.SendAsync(HttpMethod.Post, $"/v1/alerts/{known}/resolve", """{"outcome":"solved"}""", await desk.TokenAsync());
        Assert.Matches(@"Showing the list of .* \(\d+ (s|min) old\)", await ada.SeeAsync(Banner));
        Assert.Equal((1, 0), (await ada.CountAsync(RowOf(known)), await ada.CountAsync(RowOf(missed[0]))));
        await ada.PictureAsync("offline");
        await ada.GoOnlineAsync();

        foreach (var alert in missed)
            await ada.SeeAsync(RowOf(alert));
        await ada.MissAsync(RowOf(known));
        await ada.MissAsync(Banner);
        Assert.True(await ada.IsUntouchedAsync());
    }

    [NodeFact("chromium")]
    public async Task Broken_connection_comes_back_by_itself_with_what_came_meanwhile()
    {
        await using var ada = await desk.SignInAsync("ada");

        await ada.CutAsync();
        var alert = await desk.RaiseAsync();
        await ada.SeeAsync(RowOf(alert));

        await ada.SeeAsync("text=/^Live$/");
        Assert.True(await ada.IsUntouchedAsync());
    }

    [NodeFact("chromium")]
    public async Task Killed_server_comes_back_on_a_page_that_nobody_touched()
    {
        var before = await desk.RaiseAsync();
        await using var ada = await desk.SignInAsync("ada");
        await ada.SeeAsync(RowOf(before));

        await desk.KillServerAsync();
        await ada.SeeAsync(Banner);
        Assert.Equal(1, await ada.CountAsync(RowOf(before)));
        await SelectAsync(ada, before);
        await ada.PressAsync("c");
        await ada.SeeAsync("text=Nothing was changed; try again once the page is live.");
        await ada.PictureAsync("server-away");
        await desk.StartServerAsync();
        var meanwhile = await desk.RaiseAsync();

        await ada.SeeAsync(RowOf(meanwhile));
        await ada.MissAsync(Banner);
        await ada.PressAsync("c");
        await ada.SeeAsync("article header >> text=Yours");
        Assert.True(await ada.IsUntouchedAsync());
    }

    [NodeFact("chromium")]
    public async Task Ten_alerts_are_worked_off_with_the_keyboard_alone()
    {
        await using var ada = await desk.SignInAsync("ada");
        await ada.SeeAsync("#alerts");
        var alerts = new string[10];
        for (var i = 0; i < alerts.Length; i++)
            alerts[i] = await desk.RaiseAsync();
        foreach (var alert in alerts)
            await ada.SeeAsync(RowOf(alert));
        var handled = new List<string>();

        while (handled.Count < alerts.Length)
        {
            await ada.PressAsync("j");
            await ada.SeeAsync("article h1");
            var alert = await ada.SelectedAsync();
            await ada.PressAsync("c");
            await ada.SeeAsync("article header >> text=Yours");
            await ada.PressAsync("n");
            await ada.TypeAsync("Called, will try another card.");
            await ada.PressAsync("Control+Enter");
            await ada.SeeAsync("article li >> text=Called, will try another card.");
            await ada.PressAsync("Escape", "r");
            await ada.SeeAsync("[role=dialog] >> text=What came of it?");
            await ada.PressAsync("ArrowDown", "Tab");
            await ada.TypeAsync("Offered an invoice.");
            await ada.PressAsync("Control+Enter");
            await ada.SeeAsync("text=It has been resolved.");
            await ada.MissAsync("[role=dialog]");
            handled.Add(alert);
        }

        foreach (var alert in alerts)
        {
            var now = await desk.AlertAsync(alert);
            var notes = now.GetProperty("notes").EnumerateArray().Select(n => n.GetProperty("text").GetString()!).ToArray();
            Assert.Equal(("resolved", "offer_made"), (now.GetProperty("status").GetString(), now.GetProperty("outcome").GetString()));
            Assert.Equal(["Called, will try another card.", "Offered an invoice."], notes);
        }

        Assert.Equal(alerts.Order(), handled.Order());
    }

    [NodeFact("chromium")]
    public async Task Agents_see_each_other_at_work()
    {
        var alert = await desk.RaiseAsync();
        await using var ada = await desk.SignInAsync("ada");

        // Lists of agents go by name, and may still have those who have just left in another test.
        await using var aaron = await desk.SignInAsync("aaron");
        foreach (var agent in new[] { ada, aaron })
        {
            await agent.SeeAsync(RowOf(alert));
            await SelectAsync(agent, alert);
        }

        await ada.SeeAsync($"text={aaron.Email} is looking at this too.");
        await ada.PressAsync("n");
        await ada.TypeAsync("Yours, @aa");
        await ada.SeeAsync($"[role=option][data-combobox-selected]:has-text('{aaron.Email}')");
        await ada.PictureAsync("agent-named");
        await ada.PressAsync("Enter");
        await ada.PressAsync("Control+Enter");
        await aaron.SeeAsync($"article li >> text=Yours, @{aaron.Email.Split('@')[0]}");
        await aaron.PressAsync("4");
        Assert.EndsWith("1", await aaron.SeeAsync("button[aria-pressed=true]:has-text('Mentioned')"));
        Assert.Equal(1, await aaron.CountAsync(RowOf(alert)));
        await aaron.FocusAsync("You are seen as: Online");
        await aaron.PressAsync("Enter");
        await aaron.SeeAsync("[role=menuitemradio]:focus");
        await aaron.PressAsync("ArrowDown", "Enter");
        await aaron.SeeAsync("[aria-label='You are seen as: Busy']");
        await ada.PressAsync("Escape");
        await ada.FocusAsync("You are seen as: Online");
        await ada.PressAsync("Enter");
        await ada.SeeAsync($"[role=menu] >> text=/{aaron.Email}\\s*Busy/");
        await ada.PictureAsync("agents-at-work");

        await ada.PressAsync("Escape");
        await ada.MissAsync("[role=menu]");
        await ada.SeeAsync("[aria-label='You are seen as: Online']:focus");
        await ada.PressAsync("a");
        await ada.SeeAsync($"[role=menuitem]:focus:has-text('{aaron.Email}')");
        await ada.PictureAsync("alert-given");
        await ada.PressAsync("Enter");
        await aaron.SeeAsync("article >> text=Yours");
        await ada.SeeAsync($"text={aaron.Email} is working on this alert.");
    }

    [NodeFact("chromium")]
    public async Task Marked_alerts_are_worked_off_together()
    {
        var alerts = new[] { await desk.RaiseAsync(), await desk.RaiseAsync() };
        await using var ada = await desk.SignInAsync("ada");
        foreach (var alert in alerts.Reverse())
        {
            await ada.SeeAsync(RowOf(alert));
            await SelectAsync(ada, alert);
            await ada.PressAsync("x");
        }

        await ada.SeeAsync("text=/^2 marked$/");
        await ada.FocusAsync("Resolve…");
        await ada.PressAsync("Enter");
        await ada.SeeAsync("[role=dialog] >> text=What came of it?");
        await ada.PressAsync("Control+Enter");

        foreach (var alert in alerts)
        {
            Assert.Equal("solved", (await WhenAsync(alert, "resolved")).GetProperty("outcome").GetString());
            await ada.MissAsync(RowOf(alert));
        }

        await ada.SeeAsync("text=Done for 2 alerts.");
    }

    [NodeFact("chromium")]
    public async Task Dark_theme_that_was_chosen_is_there_again_after_a_reload()
    {
        await using var ada = await desk.SignInAsync("ada");
        var light = await ada.ColoursAsync();

        await ada.FocusAsync("Theme: as the system");
        await ada.PressAsync("Enter");
        await ada.SeeAsync("html[data-mantine-color-scheme=dark]");
        await ada.GoToAsync("/numbers");

        var dark = await ada.ColoursAsync();
        Assert.Equal(("light", "dark"), (light.Scheme, dark.Scheme));
        Assert.NotEqual(light.Background, dark.Background);
    }

    private static string RowOf(string alert) => $"[id=\"alert-{alert}\"]";

    private static async Task SelectAsync(AgentScreen agent, string alert)
    {
        // From the newest on, one at a time until it is the one: there may be others of other tests.
        for (var pressed = 0; await agent.SelectedAsync() != alert; pressed++)
        {
            Assert.True(pressed < 100, "the alert cannot be reached");
            await agent.PressAsync("j");
        }
    }

    private async Task<System.Text.Json.JsonElement> WhenAsync(string alert, string status)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            var now = await desk.AlertAsync(alert);
            if (now.GetProperty("status").GetString() == status)
                return now;
            await Task.Delay(20, deadline.Token);
        }
    }
}
