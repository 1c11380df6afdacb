using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using OrleansCrm.Server.Tests.Hosting;

namespace OrleansCrm.Breaking.Tests.Load;

/// <summary>Holds what the server tells of its customers against the books of those who sent it.</summary>
internal sealed class Reckoning(Uri address, Ledger ledger, Tally tally) : IDisposable
{
    private readonly HttpClient _http = new()
    {
        BaseAddress = address,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", TestKeys.ApiKey) },
    };

    public void Dispose() => _http.Dispose();

    /// <summary>Every customer: events, orders, points and revenue. Everything must have been acknowledged.</summary>
    public async Task CheckCustomersAsync()
    {
        tally.Reckonings++;
        await Parallel.ForEachAsync(
            ledger.Books(), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (book, _) => await CheckAsync(book.Key, book.Value));
    }

    /// <summary>Each customer that fell silent has its one alert, and the desk lists that one.</summary>
    public async Task CheckAlertsAsync()
    {
        var quiet = ledger.Quiet();
        string[] open = [], listed = [];
        var told = await Patience.TryUntilAsync(async () =>
        {
            var alerts = await Task.WhenAll(quiet.Select(async customer => Texts(await ReadAsync("/v1/customers/" + customer), "openAlerts")));
            open = [.. alerts.SelectMany(a => a).Order(StringComparer.Ordinal)];
            var desk = await ReadAsync("/v1/desks/default/alerts?kind=churn_risk&limit=500");
            listed = [.. desk!.Value.GetProperty("items").EnumerateArray().Select(a => a.GetProperty("id").GetString()!).Order(StringComparer.Ordinal)];
            return alerts.All(a => a.Length == 1) && open.SequenceEqual(listed);
        });
        if (!told)
            tally.Mismatch($"{quiet.Length} customers are silent, {open.Length} alerts are open, the desk lists {listed.Length}");
        tally.Alerts += quiet.Length;
    }

    /// <summary>
    /// What failed payments were answered with: each at most once, with a code that nobody else was given and that had been made, and no more codes
    /// than there are orders that may have the offer.
    /// </summary>
    public async Task CheckOffersAsync()
    {
        var (offers, codes) = (0, new Dictionary<string, string>(StringComparer.Ordinal));
        await Patience.UntilAsync("something is offered", async () => await CountOffersAsync() > 0);
        foreach (var (customer, book) in ledger.Books().Where(b => b.Value.Failures > 0))
        {
            var causes = new HashSet<long>();
            foreach (var (cause, code) in await ReadOffersAsync(customer))
            {
                offers++;
                if (!causes.Add(cause) || causes.Count > book.Failures)
                    tally.Mismatch($"{customer} was answered more often than {book.Failures} payments failed, or one of them twice");
                codes.TryAdd(code, customer);
                if (codes[code] != customer || await ReadAsync("/v1/coupons/" + code) is null)
                    tally.Mismatch($"{customer} was given the code {code}, which another has or which was not made");
            }
        }

        if (await CountOffersAsync() is var used && (used > Ledger.OffersTotal || used < codes.Count))
            tally.Mismatch($"{codes.Count} codes were given, {used} parts are held or spent, there are {Ledger.OffersTotal}");
        tally.Offers += offers;
    }

    private async Task<long> CountOffersAsync()
    {
        var budget = (await ReadAsync("/v1/offers/rescue/budget"))!.Value;
        return budget.GetProperty("held").GetInt64() + budget.GetProperty("spent").GetInt64();
    }

    /// <returns>Of each offer what it answers, and its code.</returns>
    private async Task<List<(long Cause, string Code)>> ReadOffersAsync(string customer)
    {
        var offers = new List<(long, string)>();
        for (var next = ""; next is not null;)
        {
            var page = (await ReadAsync($"/v1/customers/{customer}/timeline?limit=500{next}"))!.Value;
            foreach (var entry in page.GetProperty("items").EnumerateArray().Where(e => e.GetProperty("type").GetString() == "decision.triggered"))
            {
                var payload = entry.GetProperty("payload");
                offers.Add((payload.GetProperty("trigger").GetProperty("cause").GetInt64(), payload.GetProperty("answer").GetProperty("coupons")[0].GetProperty("code").GetString()!));
            }

            next = page.GetProperty("next").GetString() is { } before ? "&before=" + Uri.EscapeDataString(before) : null;
        }

        return offers;
    }

    private async Task CheckAsync(string customer, CustomerBook book)
    {
        var profile = await ReadAsync("/v1/customers/" + customer);
        if (profile is not { } found)
        {
            tally.Mismatch($"{customer} is unknown and sent {book.Events} events");
            return;
        }

        var value = found.GetProperty("value");
        var revenue = value.GetProperty("revenue").TryGetProperty("EUR", out var euros) ? euros.GetDecimal() : 0;
        var told = (found.GetProperty("events").GetInt32(), value.GetProperty("orders").GetInt32(),
            found.GetProperty("loyalty").GetProperty("balance").GetInt64(), revenue);
        var expected = (book.Events, book.Orders, book.Points, book.Revenue);
        if (told != expected)
            tally.Mismatch($"{customer} has {told} events, orders, points and revenue, and sent {expected}");
    }

    /// <returns>Null for 404. What cannot be answered at the moment is asked again.</returns>
    private async Task<JsonElement?> ReadAsync(string path)
    {
        JsonElement? found = null;
        await Patience.UntilAsync($"{path} is answered", async () =>
        {
            using var response = await _http.GetAsync(path);
            if (response.StatusCode == HttpStatusCode.NotFound)
                return true;
            if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
                return false;
            found = JsonDocument.Parse(await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync()).RootElement;
            return true;
        });
        return found;
    }

    private static string[] Texts(JsonElement? profile, string name) =>
        profile is { } found ? [.. found.GetProperty(name).EnumerateArray().Select(a => a.GetString()!)] : [];
}
