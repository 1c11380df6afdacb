using System.CommandLine;
using OrleansCrm.Journal.Sqlite;
using OrleansCrm.Server.Capacity;

namespace OrleansCrm.Server.CommandLine;

/// <summary>The options of the verb <c>capacity</c>.</summary>
internal static class CapacityCommand
{
    public static Command Create()
    {
        var standard = new ShopLoad();
        var customers = Number("--customers", "How many customers", standard.Customers);
        var events = Number("--events", "Events a customer and year", standard.EventsAYear);
        var years = Number("--years", "How long they are kept", standard.Years);
        var peak = Number("--peak", "The busiest hour against the average one", standard.Peak);
        var active = Number("--active", "Share of customers in memory at the peak, 0 to 1", standard.Active);
        var alerts = Number("--alerts", "Changes of alerts a customer and year", standard.AlertChangesAYear);
        var partitions = new Option<int>("--partitions") { Description = "Partitions of the database", DefaultValueFactory = _ => SqliteJournalOptions.PartitionsMax, HelpName = "N" };
        partitions.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > SqliteJournalOptions.PartitionsMax)
                result.AddError("--partitions takes 1 to 1,024");
        });
        var seed = new Option<ulong>("--seed") { Description = "Of the chance by which partitions fall on silos", DefaultValueFactory = _ => 1, HelpName = "N" };
        var command = new Command("capacity", "Reckon what a shop of a size takes, on one machine and on many")
        {
            customers, events, years, peak, active, alerts, partitions, seed,
        };
        command.SetAction((parsed, _) => CapacityVerb.RunAsync(
            new ShopLoad
            {
                Customers = parsed.GetValue(customers),
                EventsAYear = parsed.GetValue(events),
                Years = parsed.GetValue(years),
                Peak = parsed.GetValue(peak),
                Active = parsed.GetValue(active),
                AlertChangesAYear = parsed.GetValue(alerts),
            },
            parsed.GetValue(partitions),
            parsed.GetValue(seed),
            parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error));
        return command;
    }

    private static Option<double> Number(string name, string description, double standard) =>
        new(name) { Description = description, DefaultValueFactory = _ => standard, HelpName = "N" };
}
