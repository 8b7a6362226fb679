using System;
using System.Threading;
using System.Threading.Tasks;
using GameMessages;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

/// <summary>A transport that responds to requests.</summary>
internal sealed class Stage : ITransport
{
    public string Answer;

    public Task<string> RequestAsync(string name, string body, CancellationToken cancellationToken)
    {
        Program.Equal("JoinRace", name);
        Program.Equal("{\"CarClass\":\"go_kart\",\"TrackName\":\"Ring\"}", body);
        return Task.FromResult(Answer);
    }
}

internal static class Program
{
    internal static void Equal(object want, object got)
    {
        if (!Equals(want, got))
        {
            throw new Exception("got " + got + ", want " + want);
        }
    }

    private static void Fails(Action action)
    {
        try
        {
            action();
        }
        catch (JsonException)
        {
            return;
        }
        throw new Exception("no error");
    }

    private static void Main()
    {
        string answer = "{\"Extra\":[\"2026-01-02T03:04:05Z\"],\"Race\":{\"Grid\":[{\"Car\":\"FORMULA\",\"Name\":\"Ann\"}],\"Id\":9007199254740993,"
            + "\"Next\":{\"Grid\":[],\"Id\":2,\"Ranked\":false,\"Starts\":\"2026-01-03T00:00:00Z\"},"
            + "\"Ranked\":true,\"Starts\":\"2026-01-02T03:04:05Z\",\"Times\":{\"Ann\":61.5}}}";
        JoinRaceResponse response = Requests.JoinRace.SendAsync(
            new Stage { Answer = answer },
            new JoinRaceRequest { TrackName = "Ring", CarClass = CarClass.GoKart }).Result;
        Equal(9007199254740993L, response.Race.Id);
        Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), response.Race.Starts);
        Equal(CarClass.FORMULA, response.Race.Grid[0].Car);
        Equal(61.5, response.Race.Times["Ann"]);
        Equal("2026-01-02T03:04:05Z", (string)response.Extra[0]);
        Equal(answer, JsonConvert.SerializeObject(response));
        Equal(answer, JsonConvert.SerializeObject(JsonConvert.DeserializeObject<JoinRaceResponse>(answer)));
        Equal(CarClass.GoKart, JsonConvert.DeserializeObject<CarClass?>("\"go_kart\""));
        Equal(null, JsonConvert.DeserializeObject<CarClass?>("null"));
        Equal("[\"HOVER\",null]", JsonConvert.SerializeObject(new CarClass?[] { new CarClass("HOVER"), null }));
        Equal("", default(CarClass).Value);
        Equal(default(CarClass), new CarClass(""));
        Equal(true, CarClass.FORMULA == new CarClass("FORMULA") && CarClass.FORMULA != CarClass.TOURING);
        Equal("FORMULA TOURING go_kart", string.Join(" ", CarClass.Values));
        Equal("Ann", Events.LapDone.Decode("{\"Name\":\"Ann\",\"Car\":\"TOURING\",\"Unknown\":1}").Name);
        Fails(() => Events.LapDone.Decode("{\"Car\":\"TOURING\"}"));
        Fails(() => Events.LapDone.Decode("{\"Car\":\"TOURING\",\"Name\":null}"));
        Fails(() => Events.LapDone.Decode("null"));
        Fails(() => JsonConvert.SerializeObject(new JoinRaceResponse()));
        Fails(() => Notifications.RaceStarts.Encode(new Race { Grid = new Drivers { null } }));
        Fails(() => Notifications.RaceStarts.Encode(new Race { Times = new LapTimes { { "Ann", double.NaN } } }));
        Console.WriteLine("ok");
    }
}
