using System.Text.Json;
using OrleansCrm.Engagement.Churn;
using OrleansCrm.Engagement.Segments;

namespace OrleansCrm.Engagement.Program;

/// <summary>The purchase model as it stands in a program: its name, and parameters of which those left out are the published ones of CDNOW.</summary>
internal static class ChurnModelSection
{
    private static readonly string[] Names =
        [BetaGeometricModel.MbgName, BetaGeometricModel.BgName, ParetoNbdModel.ModelName, NbdModel.ModelName];

    public static IChurnModel Read(ProgramSection section)
    {
        var name = section.Text("name", BetaGeometricModel.MbgName, Names.Contains, "one of " + string.Join(", ", Names));
        IChurnModel model = name switch
        {
            NbdModel.ModelName => new NbdModel(Rate(section, NbdModel.Cdnow.R), Scale(section, "alphaWeeks", NbdModel.Cdnow.Alpha)),
            ParetoNbdModel.ModelName => ReadPareto(section, ParetoNbdModel.Cdnow),
            BetaGeometricModel.BgName => ReadBetaGeometric(section, BetaGeometricModel.BgCdnow),
            _ => ReadBetaGeometric(section, BetaGeometricModel.MbgCdnow),
        };
        section.RefuseOthers();
        return model;
    }

    /// <returns>Null where none is said: the model of another shop's spending says nothing about this one.</returns>
    public static GammaGammaModel? ReadSpend(ProgramSection churn)
    {
        if (churn.Raw("spend").Json.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
            return null;
        var section = churn.Section("spend");
        foreach (var name in (string[])["p", "q", "v"])
        {
            if (!section.Has(name))
                section.Fault(name, "is missing");
        }

        // A mean over all customers is finite from q = 1 on; nearer to it than this it is no use.
        var model = new GammaGammaModel(section.Number("p", 1, 1e-4, 1e6), section.Number("q", 2, 1.001, 1e6), section.Number("v", 1, 1e-6, 1e12));
        section.RefuseOthers();
        return model;
    }

    /// <summary>Refuses segments whose own membership would follow from their parameters, and the second mention of one.</summary>
    public static void CheckSegments(ProgramDocument document, List<ProgramFault> faults)
    {
        var own = document.Churn.BySegment;
        for (var i = 0; i < own.Count; i++)
        {
            var path = FormattableString.Invariant($"churn.bySegment[{i}].segment");
            if (own.Take(i).Any(before => before.Segment == own[i].Segment))
                faults.Add(new ProgramFault(path, "must be named once"));
            if (SegmentReach.ModelField(document.Segments, own[i].Segment) is { } field)
                faults.Add(new ProgramFault(path, $"must not be a segment that asks for {field}, which follows from the model"));
        }
    }

    public static void WriteSpend(Utf8JsonWriter json, GammaGammaModel? model)
    {
        if (model is null)
        {
            json.WriteNull("spend");
            return;
        }

        json.WriteStartObject("spend");
        json.WriteNumber("p", model.P);
        json.WriteNumber("q", model.Q);
        json.WriteNumber("v", model.V);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, IChurnModel model)
    {
        json.WriteStartObject();
        json.WriteString("name", model.Name);
        foreach (var (name, value) in ParametersOf(model))
            json.WriteNumber(name, value);
        json.WriteEndObject();
    }

    private static (string Name, double Value)[] ParametersOf(IChurnModel model) => model switch
    {
        BetaGeometricModel m => [("r", m.R), ("alphaWeeks", m.Alpha), ("a", m.A), ("b", m.B)],
        ParetoNbdModel m => [("r", m.R), ("alphaWeeks", m.Alpha), ("s", m.S), ("betaWeeks", m.Beta)],
        NbdModel m => [("r", m.R), ("alphaWeeks", m.Alpha)],
        _ => throw new ArgumentException($"No program has the model {model.Name}.", nameof(model)),
    };

    private static BetaGeometricModel ReadBetaGeometric(ProgramSection section, BetaGeometricModel standard) => standard with
    {
        R = Rate(section, standard.R),
        Alpha = Scale(section, "alphaWeeks", standard.Alpha),
        A = section.Number("a", standard.A, 1e-6, 1e4),
        B = section.Number("b", standard.B, 1e-4, 1e5),
    };

    private static ParetoNbdModel ReadPareto(ProgramSection section, ParetoNbdModel standard) => new(
        Rate(section, standard.R),
        Scale(section, "alphaWeeks", standard.Alpha),
        section.Number("s", standard.S, 1e-6, 1e4),
        Scale(section, "betaWeeks", standard.Beta));

    private static double Rate(ProgramSection section, double standard) => section.Number("r", standard, 1e-4, 1e4);

    private static double Scale(ProgramSection section, string name, double standard) => section.Number(name, standard, 1e-4, 1e5);
}
