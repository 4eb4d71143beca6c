// Command handler answers the check of one household over HTTP from PostgreSQL: the
// peer of `hedui serve` in a load test. It is what a centre would write instead: an
// HTTP server, a pool of connections, the reference means test as a prepared statement,
// and a row of an audit table, committed durably, before anybody is looked at.
//
//	handler -socket DIR -schema batch_everybody -sql query.sql -listen 127.0.0.1:8081
//
// The household's declaration lies in the tables already; of the request only the
// number is read. Nothing is written but the audit row: no request, no verdict, no case.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

func main() {
	socket := flag.String("socket", "", "directory of the server's unix socket")
	schema := flag.String("schema", "batch_everybody", "schema of the flat batch")
	query := flag.String("sql", "", "file with the query of one household, $1 its number")
	listen := flag.String("listen", "127.0.0.1:8081", "address")
	connections := flag.Int("connections", 8, "size of the pool")
	flag.Parse()
	if err := serve(*socket, *schema, *query, *listen, *connections); err != nil {
		log.Fatal(err)
	}
}

func serve(socket, schema, query, listen string, connections int) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	text, err := os.ReadFile(query)
	if err != nil {
		return err
	}
	pool, err := connect(ctx, socket, schema, string(text), connections)
	if err != nil {
		return err
	}
	defer pool.Close()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/v1/checks", func(w http.ResponseWriter, r *http.Request) { check(w, r, pool) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	server := &http.Server{Addr: listen, Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(end)
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// connect makes the audit table and a pool whose connections have both statements
// prepared, with a generic plan, as the prepared statement of the other comparison.
func connect(ctx context.Context, socket, schema, query string, connections int) (*pgxpool.Pool, error) {
	c, err := pgxpool.ParseConfig(fmt.Sprintf("host=%s user=peer dbname=postgres pool_max_conns=%d pool_min_conns=%d", socket, connections, connections))
	if err != nil {
		return nil, err
	}
	if err := settle(ctx, c.ConnConfig); err != nil {
		return nil, err
	}
	c.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		for _, s := range []string{
			"SET search_path = " + pgx.Identifier{schema}.Sanitize() + ", public",
			"SET plan_cache_mode = force_generic_plan", "SET synchronous_commit = on",
		} {
			if _, err := conn.Exec(ctx, s); err != nil {
				return err
			}
		}
		if _, err := conn.Prepare(ctx, "judge", query); err != nil {
			return err
		}
		_, err := conn.Prepare(ctx, "look", "INSERT INTO public.looked (household, actor) VALUES ($1, $2)")
		return err
	}
	return pgxpool.NewWithConfig(ctx, c)
}

// settle makes the audit table, and has the server write it durably: the cluster of the
// other comparisons runs without fsync.
func settle(ctx context.Context, c *pgx.ConnConfig) error {
	conn, err := pgx.ConnectConfig(ctx, c.Copy())
	if err != nil {
		return err
	}
	for _, s := range []string{
		"CREATE TABLE IF NOT EXISTS public.looked (seq bigserial, at timestamptz DEFAULT now(), household text, actor text)",
		"ALTER SYSTEM SET fsync = on", "ALTER SYSTEM SET synchronous_commit = on", "SELECT pg_reload_conf()",
	} {
		if _, err := conn.Exec(ctx, s); err != nil {
			return errors.Join(err, conn.Close(ctx))
		}
	}
	return conn.Close(ctx)
}

// maxRequest bounds the body of a request.
const maxRequest = 1 << 20

func check(w http.ResponseWriter, r *http.Request, pool *pgxpool.Pool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		return
	}
	var asked struct {
		Household string `json:"household_id"`
	}
	if err := json.Unmarshal(body, &asked); err != nil || asked.Household == "" {
		http.Error(w, "not a request", http.StatusUnprocessableEntity)
		return
	}
	answer, err := judge(r.Context(), pool, asked.Household)
	if err != nil {
		log.Print(err)
		http.Error(w, "unavailable", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(answer)
}

func judge(ctx context.Context, pool *pgxpool.Pool, household string) ([]byte, error) {
	if _, err := pool.Exec(ctx, "look", household, "peer"); err != nil {
		return nil, err
	}
	rows, err := pool.Query(ctx, "judge", household)
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, pgx.RowToMap)
	if err != nil {
		return nil, err
	}
	if len(all) != 1 {
		return nil, fmt.Errorf("%d answers", len(all))
	}
	return json.Marshal(all[0])
}
