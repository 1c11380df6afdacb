using OrleansCrm.Grains.Partitions;
using OrleansCrm.Simulation.Tests.Store;
using OrleansCrm.Simulation.Tests.Worlds;

namespace OrleansCrm.Simulation.Tests.Workload;

/// <summary>What kind of run it will be. Each seed exaggerates something else, for what is rare everywhere is met nowhere.</summary>
internal sealed class Weather
{
    public Weather(World world)
    {
        Partitions = 1 + world.Pick(3);
        Customers = 2 + world.Pick(world.Draw(0.5) ? 6 : 24);
        Visitors = world.Draw(0.7) ? 1 + world.Pick(5) : 0;
        Merges = world.Draw(0.4) ? 1 : 0;
        Seconds = 5 + world.Pick(20);
        Actions = 40 + world.Pick(120);
        Crashes = world.Pick(4);
        Overlaps = world.Draw(0.25) ? 1 + world.Pick(2) : 0;
        LostStates = world.Draw(0.5) ? world.Pick(20) : 0;
        Programs = world.Draw(0.4) ? 1 + world.Pick(4) : 0;
        Imports = world.Draw(0.4) ? 1 + world.Pick(2) : 0;
        Advances = world.Draw(0.8) ? 1 + world.Pick(12) : 0;
        Jumps = world.Draw(0.2) ? 1 + world.Pick(3) : 0;
        Unfoldable = world.Draw(0.2) ? 0.05 : 0;
        FlushesAtEnd = world.Draw(0.5);
        var bad = world.Draw(0.7);
        Journal = new JournalWeather
        {
            Fails = bad ? world.Pick([0, 0.001, 0.005, 0.02]) : 0,
            Dawdles = world.Pick([0, 0.02, 0.1, 0.4]),
            DawdlesSeconds = world.Pick([0.05, 0.5, 3]),
        };
        if (world.Draw(0.6))
        {
            LostCall = world.Pick([0, 0.0005, 0.005]);
            LostAnswer = world.Pick([0, 0.0005, 0.005]);
            ActivationCrash = world.Pick([0, 0.001, 0.01]);
            ActivationDouble = world.Pick([0, 0.001, 0.01]);
        }

        // Drawn aside: runs without erasures stay what they were.
        var aside = new Random(~world.Seed);
        Erasures = aside.NextDouble() < 0.4 ? 1 + aside.Next(4) : 0;

        Gifts = aside.NextDouble() < 0.5 ? 5 + aside.Next(60) : 0;

        Treats = aside.NextDouble() < 0.5 ? 20 + aside.Next(60) : 0;

        Options = new PartitionOptions
        {
            FlushAge = TimeSpan.FromSeconds(world.Pick([0.05, 0.3, 2, 20])),
            FlushCustomersMax = world.Pick([1, 3, 500]),
            TickPeriod = TimeSpan.FromSeconds(world.Pick([0.05, 0.2, 0.5])),
            CommitEntriesMax = world.Pick([1, 5, 4_000]),
            ReplayPage = world.Pick([1, 7, 10_000]),
            ResidentMax = world.Pick([1, 5, 200_000]),
            ResidentAge = TimeSpan.FromSeconds(world.Pick([0.5, 1_000])),
            UnpackedMax = world.Pick([1, 5, 200_000]),
            UnpackedAge = TimeSpan.FromSeconds(world.Pick([0.1, 1_000])),
            WakesUnderWayMax = world.Pick([1, 4, 1_000]),
            OutcomesPerCallMax = world.Pick([1, 3, 500]),
            WakeWindow = TimeSpan.FromSeconds(world.Pick([1, 2])),
            WaitingEntriesMax = world.Pick([10, 20_000, 20_000]),
            ImportLease = TimeSpan.FromSeconds(30),
            ClockTrust = TimeSpan.FromSeconds(20),
        };
    }

    public int Partitions { get; }

    public int Customers { get; }

    /// <summary>Anonymous ones, who may turn out to be one of the customers.</summary>
    public int Visitors { get; }

    /// <summary>How often customers are merged, where visitors could sign in.</summary>
    public double Merges { get; }

    /// <summary>People who ask to be forgotten.</summary>
    public int Erasures { get; }

    /// <summary>How often points change hands, or wait to.</summary>
    public int Gifts { get; }

    /// <summary>
    /// How often customers do something that is answered with what can run out, or order with what they were offered; then the program makes such
    /// offers from the first moment on.
    /// </summary>
    public int Treats { get; }

    /// <summary>How long the storm lasts.</summary>
    public int Seconds { get; }

    /// <summary>Things that clients do in it.</summary>
    public int Actions { get; }

    public int Crashes { get; }

    /// <summary>A new process starts while the old one goes on for a while, not knowing.</summary>
    public int Overlaps { get; }

    public int LostStates { get; }

    public int Programs { get; }

    public int Imports { get; }

    /// <summary>Days that pass at once.</summary>
    public int Advances { get; }

    /// <summary>Jumps of the wall clock.</summary>
    public int Jumps { get; }

    /// <summary>Share of events that no fold can digest.</summary>
    public double Unfoldable { get; }

    public bool FlushesAtEnd { get; }

    public JournalWeather Journal { get; }

    public double LostCall { get; }

    public double LostAnswer { get; }

    public double ActivationCrash { get; }

    public double ActivationDouble { get; }

    public PartitionOptions Options { get; }

    public bool IsCalm { get; private set; }

    public void Cease()
    {
        IsCalm = true;
        Journal.Fails = Journal.Dawdles = 0;
    }
}
