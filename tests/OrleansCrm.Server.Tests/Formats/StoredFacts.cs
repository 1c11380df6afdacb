using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using OrleansCrm.Journal;
using OrleansCrm.Server.Tests.Hosting;

namespace OrleansCrm.Server.Tests.Formats;

/// <summary>What a database of <see cref="StoredHistory"/> holds, in lines for people: of each customer by its snapshot and by its entries.</summary>
internal static class StoredFacts
{
    /// <summary>Members of a profile that do not move with time.</summary>
    private static readonly string[] Standing = ["events", "identities", "traits", "consent"];

    /// <param name="at">The instant at which the database was copied.</param>
    public static async Task<string> ReadAsync(TestServer server, DateTimeOffset at)
    {
        var lines = new StringBuilder();
        foreach (var customer in StoredHistory.Customers)
        {
            var stored = await server.GetAsync("/v1/customers/" + customer);
            var folded = await server.GetAsync($"/v1/customers/{customer}?at={at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)}");
            lines.Append(customer).Append(" stored ").AppendLine(Describe(stored));
            lines.Append(customer).Append(" folded ").Append(Describe(folded));
            if (folded.Status == 200)
                lines.Append(CultureInfo.InvariantCulture, $" {folded.Json["phase"]} points {folded.Json["loyalty"].GetProperty("balance")} alerts {folded.Json["openAlerts"].GetArrayLength()}");
            lines.AppendLine();
        }

        lines.AppendLine(CultureInfo.InvariantCulture, $"program {(await server.GetAsync("/v1/program")).Json["loyalty"].GetProperty("pointsPerUnit")}");
        lines.AppendLine(CultureInfo.InvariantCulture, $"quarantined {(await server.GetAsync("/v1/quarantine")).Json["items"].GetArrayLength()}");
        lines.AppendLine(CultureInfo.InvariantCulture, $"keys {(await server.GetAsync("/v1/keys")).Json["items"].GetArrayLength()}");
        lines.AppendLine(await EntriesAsync(server, at.ToUnixTimeMilliseconds()));
        return lines.ToString();
    }

    private static string Describe(Answer answer)
    {
        if (answer.Status != 200)
            return answer.Status.ToString(CultureInfo.InvariantCulture);
        var profile = answer.Json;
        var value = profile["value"];
        return string.Join(' ', Standing.Select(name => $"{name} {profile[name].GetRawText()}"))
            + $" orders {value.GetProperty("orders")} revenue {value.GetProperty("revenue").GetRawText()}";
    }

    /// <summary>Every byte of every entry that was there then.</summary>
    private static async Task<string> EntriesAsync(TestServer server, long untilMs)
    {
        var journal = server.Engine.Services.GetRequiredService<IJournal>();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var count = 0;
        for (var partition = 0; partition < journal.Identity.Partitions; partition++)
        {
            foreach (var entry in (await journal.ReadAsync(partition, 0, int.MaxValue, CancellationToken.None)).Where(e => e.RecordedMs <= untilMs))
            {
                count++;
                hash.AppendData(Encoding.UTF8.GetBytes(FormattableString.Invariant(
                    $"{entry.PublicId} {entry.Customer} {entry.MessageId} {entry.Type} {entry.TimeMs} {entry.RecordedMs} {entry.Trace} {entry.Payload.Length}\n")));
                hash.AppendData(entry.Payload);
            }
        }

        return FormattableString.Invariant($"entries {count} sha256 {Convert.ToHexStringLower(hash.GetHashAndReset())}");
    }
}
